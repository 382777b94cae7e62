"""Each named constraint refuses what its name says; a constraint without a test fails here too."""

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.symptoms.models import SymptomLog
from tests.factories import NOON, AlertFactory, CatalogueActivationFactory, SymptomLogFactory
from tests.refusals import REFUSED

pytestmark = pytest.mark.django_db


def our_constraints() -> set[str]:
    ours = (model for model in apps.get_models() if model.__module__.startswith("apps."))
    return {constraint.name for model in ours for constraint in model._meta.constraints}


def test_every_constraint_has_a_row_that_breaks_it() -> None:
    assert our_constraints() == set(REFUSED)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_the_database_refuses(name: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        REFUSED[name]()

    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_a_log_is_never_edited() -> None:
    log = SymptomLogFactory()

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        SymptomLog.objects.filter(pk=log.pk).update(note="something else")


def test_a_log_of_a_person_is_never_deleted_but_a_canary_is_cleared_away() -> None:
    log, canary = SymptomLogFactory(), SymptomLogFactory(is_canary=True)

    canary.delete()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        log.delete()

    assert list(SymptomLog.objects.all()) == [log]


@pytest.mark.parametrize(
    "change",
    [
        "update assessments_catalogueactivation set reason = 'another'",
        "delete from assessments_catalogueactivation",
    ],
)
def test_who_put_which_catalogue_in_force_is_never_changed(change: str) -> None:
    CatalogueActivationFactory()

    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


@pytest.mark.parametrize("change", ["update audit_auditevent set at = now()", "delete from audit_auditevent"])
def test_the_audit_record_is_never_changed(change: str) -> None:
    alert = AlertFactory()
    record_event(AuditEvent.Type.ALERT_RAISED, subject=alert, by=None, at=NOON)

    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
