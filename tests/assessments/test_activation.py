"""Putting a catalogue in force is a recorded act, and every process goes by the newest."""

import math
import os
import subprocess
import sys
import threading
from io import StringIO
from time import monotonic

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from apps.assessments import active
from apps.assessments.activation import (
    ActiveHasChanged,
    AlreadyActive,
    MayNotActivate,
    NotPublished,
    activate_catalogue,
)
from apps.assessments.active import (
    REFRESH_SECONDS,
    active_catalogue,
    active_version,
    assume_none_activated,
    forget_active,
    in_force_since,
)
from apps.assessments.models import Assessment, CatalogueActivation
from apps.audit.models import AuditEvent
from apps.core.embedded.local import PROJECT_ROOT
from apps.core.errors import InvalidInput
from apps.rules.catalogue import load
from tests.factories import CATALOGUE, NOON, AssessmentFactory, CatalogueActivationFactory, UserFactory, hours
from tests.journeys.ground import database_url
from tests.other_catalogues import NEXT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reads_anew(none_activated):
    forget_active()


@pytest.fixture
def lead():
    return UserFactory(is_superuser=True)


@pytest.fixture
def two_versions(catalogues_beside):
    """The published catalogue and a published next one."""
    return catalogues_beside(published=[NEXT])


@pytest.fixture
def a_draft(catalogues_beside):
    return catalogues_beside(published=[])


def activate(lead, version=CATALOGUE, **given):
    return activate_catalogue(**{"version": version, "by": lead, "reason": "Signed off.", "at": NOON} | given)


def test_before_any_activation_the_setting_counts():
    assert active_version() == CATALOGUE


def test_the_newest_activation_counts_whatever_the_clocks_say(lead, two_versions):
    activate(lead, NEXT, at=NOON)
    activate(lead, CATALOGUE, at=NOON - hours(5))

    forget_active()

    assert active_version() == CATALOGUE
    assert [row.number for row in CatalogueActivation.objects.all()] == [2, 1]


def test_it_is_recorded_by_whom_when_why_and_which_bytes(lead):
    done = activate(lead, reason="  Signed off by the clinical lead.  ")

    assert (done.version, done.sha256) == (CATALOGUE, load(CATALOGUE).sha256)
    assert (done.activated_by, done.activated_at, done.reason) == (lead, NOON, "Signed off by the clinical lead.")
    event = AuditEvent.objects.get(type=AuditEvent.Type.CATALOGUE_ACTIVATED)
    assert (event.actor_id, event.at, event.detail["version"]) == (lead.pk, NOON, CATALOGUE)


def test_who_did_it_goes_by_the_new_version_at_once(lead, two_versions, django_capture_on_commit_callbacks):
    assert active_version() == CATALOGUE

    with django_capture_on_commit_callbacks(execute=True):
        activate(lead, NEXT)

    assert active_version() == NEXT
    assert active_catalogue().version == NEXT


def test_an_activation_that_is_rolled_back_was_none(lead, two_versions):
    with transaction.atomic():
        activate(lead, NEXT)
        transaction.set_rollback(True)

    assert active_version() == CATALOGUE


def test_old_assessments_are_not_touched(lead, two_versions):
    AssessmentFactory()
    before = list(Assessment.objects.values())

    activate(lead, NEXT)

    assert list(Assessment.objects.values()) == before


REFUSED = {
    "no such version": (NotPublished, {"version": "baclofen-withdrawal-1999.1"}),
    "a path": (NotPublished, {"version": "../../../etc/passwd"}),
    "without a reason": (InvalidInput, {"reason": "   "}),
    "with a reason that no record can hold": (InvalidInput, {"reason": "a\x00b"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_leaves_nothing(case, lead):
    error, given = REFUSED[case]

    with pytest.raises(error):
        activate(lead, **given)

    assert not CatalogueActivation.objects.exists()
    assert not AuditEvent.objects.filter(type=AuditEvent.Type.CATALOGUE_ACTIVATED).exists()


def test_a_draft_is_not_activated(lead, a_draft):
    with pytest.raises(NotPublished, match="is a draft"):
        activate(lead, NEXT)


def test_a_published_version_whose_file_was_edited_is_not_activated(lead, two_versions):
    path = two_versions / f"{NEXT}.yaml"
    path.write_bytes(path.read_bytes() + b"# one more word\n")

    with pytest.raises(NotPublished, match="is a draft"):
        activate(lead, NEXT)


def test_a_broken_catalogue_is_refused_with_line_and_cause(lead, two_versions):
    (two_versions / "broken.yaml").write_text("catalogue: {version: broken}\n", encoding="utf-8")

    with pytest.raises(NotPublished, match=r"broken\.yaml:\d+"):
        activate(lead, "broken")


@pytest.mark.parametrize(
    "person",
    [
        {},
        {"is_superuser": True, "is_active": False},
        {"is_superuser": True, "role": "service"},
        {"is_superuser": True, "role": "patient"},
    ],
)
def test_only_active_staff_with_the_permission_may(person):
    with pytest.raises(MayNotActivate):
        activate(UserFactory(**person))


def test_the_permission_is_enough(django_user_model):
    from django.contrib.auth.models import Permission

    pharmacist = UserFactory()
    pharmacist.user_permissions.add(Permission.objects.get(codename="activate_catalogue"))

    assert activate(django_user_model.objects.get(pk=pharmacist.pk)).number == 1


def test_the_same_version_is_not_activated_twice_in_a_row(lead):
    activate(lead)

    with pytest.raises(AlreadyActive):
        activate(lead)


def test_whoever_decided_on_an_older_sight_is_told(lead, two_versions):
    activate(lead, CATALOGUE)

    with pytest.raises(ActiveHasChanged, match=CATALOGUE):
        activate(lead, NEXT, after=0)
    assert activate(lead, NEXT, after=1).number == 2


def test_a_version_that_this_release_lacks_is_passed_over(caplog):
    CatalogueActivationFactory(number=1, version=CATALOGUE)
    CatalogueActivationFactory(number=2, version="baclofen-withdrawal-2099.1", sha256="0" * 64)

    assert active_version() == CATALOGUE
    assert [record.event for record in caplog.records] == ["active_catalogue_unusable"]


def test_a_file_that_is_not_as_it_was_when_activated_is_passed_over(two_versions):
    CatalogueActivationFactory(number=1, version=CATALOGUE)
    CatalogueActivationFactory(number=2, version=NEXT, sha256="0" * 64)

    assert active_version() == CATALOGUE


def test_it_is_read_once_each_few_seconds_and_not_at_each_question(
    monkeypatch, django_assert_num_queries, two_versions
):
    clock = [100.0]
    monkeypatch.setattr(active, "monotonic", lambda: clock[0])
    with django_assert_num_queries(1):
        assert {active_version() for _question in range(50)} == {CATALOGUE}
    CatalogueActivationFactory(version=NEXT)

    clock[0] += REFRESH_SECONDS - 0.01
    with django_assert_num_queries(0):
        assert active_version() == CATALOGUE
    clock[0] += 0.01
    with django_assert_num_queries(1):
        assert active_version() == NEXT


def test_which_versions_were_in_force_is_told_from_the_newest_back(two_versions):
    CatalogueActivationFactory(number=1, version=NEXT, activated_at=NOON - hours(48))
    CatalogueActivationFactory(number=2, version=CATALOGUE, activated_at=NOON - hours(24))

    assert in_force_since(NOON) == (CATALOGUE,)
    assert in_force_since(NOON - hours(36)) == (CATALOGUE, NEXT)
    assert in_force_since(NOON - hours(72)) == (CATALOGUE, NEXT)


def test_the_setting_was_in_force_before_the_first_activation(two_versions):
    CatalogueActivationFactory(number=1, version=NEXT, activated_at=NOON - hours(1))

    assert in_force_since(NOON) == (NEXT,)
    assert in_force_since(NOON - hours(2)) == (NEXT, CATALOGUE)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_activate_one_after_the_other(lead, two_versions):
    """Both decided when none was active: the second is told, and nothing is counted twice."""
    said = []
    barrier = threading.Barrier(2)

    def decide(version):
        barrier.wait()
        try:
            said.append(activate(lead, version, after=0).number)
        except ActiveHasChanged:
            said.append("changed")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(version,)) for version in (CATALOGUE, NEXT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, said)) == ["1", "changed"]


def test_the_command_says_what_is_in_force_and_by_whom(lead):
    out = StringIO()

    call_command("activate_catalogue", CATALOGUE, by=lead.username, reason="Signed off.", stdout=out)

    assert load(CATALOGUE).sha256 in out.getvalue()
    assert lead.display_name in out.getvalue()
    assert CatalogueActivation.objects.get().activated_by == lead


@pytest.mark.parametrize(
    ("version", "by", "said"),
    [(CATALOGUE, "nobody", "nobody is called"), ("nothing", None, "there is no catalogue called")],
)
def test_the_command_refuses_in_words(version, by, said, lead):
    with pytest.raises(CommandError, match=said):
        call_command("activate_catalogue", version, by=by or lead.username, reason="Because.")
    assert not CatalogueActivation.objects.exists()


def test_a_process_that_goes_by_its_setting_alone_asks_nothing(django_assert_num_queries):
    assume_none_activated(until=math.inf)
    CatalogueActivationFactory()

    with django_assert_num_queries(0):
        assert active_version() == CATALOGUE
    assert connection.is_usable()


OTHER_PROCESS = """
import sys, time
from pathlib import Path
import django
django.setup()
from apps.rules import catalogue
catalogue.FOLDER = Path(sys.argv[1])
from apps.assessments.active import active_catalogue
said = None
while True:
    version = active_catalogue().version
    if version != said:
        said = version
        print(version, flush=True)
    time.sleep(0.05)
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_agrees_within_the_stated_seconds(lead, two_versions):
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}} | {
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "ACTIVE_CATALOGUE": CATALOGUE,
        "EMERGENCY_NUMBER": "112",
        "ALLOWED_HOSTS": "localhost",
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF",
        "DJANGO_SETTINGS_MODULE": "apps.config.settings",
    }
    command = [sys.executable, "-c", OTHER_PROCESS, str(two_versions)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT, env=environment) as other:
        try:
            assert other.stdout.readline().strip() == CATALOGUE

            activate(lead, NEXT, at=timezone.now())
            activated = monotonic()

            assert active_version() == NEXT
            assert other.stdout.readline().strip() == NEXT
            # A second for a machine that is busy; it compiles the catalogue as well.
            assert monotonic() - activated <= REFRESH_SECONDS + 2
        finally:
            other.kill()
