"""Putting a version of the catalogue in force: a recorded act of a named person with a reason."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.assessments.active import forget_active
from apps.assessments.models import CatalogueActivation
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import DomainError, InvalidInput, Problem
from apps.rules.catalogue import Catalogue, CatalogueError, load
from apps.rules.publishing import is_published

PERMISSION = "assessments.activate_catalogue"
LONGEST_REASON = 2000


class MayNotActivate(DomainError):
    code = "may_not_activate"
    status = 403


class NotPublished(DomainError):
    """A draft, an edited copy, a broken file or no file at all."""

    code = "catalogue_not_published"
    status = 422


class AlreadyActive(DomainError):
    code = "catalogue_already_active"


class ActiveHasChanged(DomainError):
    """Somebody else activated a version since this person looked."""

    code = "active_catalogue_has_changed"


def may_activate(user: User) -> bool:
    """Ward staff who were given the permission, and superusers."""
    return user.is_active and user.role == User.Role.STAFF and user.has_perm(PERMISSION)


@transaction.atomic
def activate_catalogue(
    *, version: str, by: User, reason: str, at: datetime, after: int | None = None
) -> CatalogueActivation:
    """Put `version` in force for whatever is taken in from now on; each process follows within
    `active.REFRESH_SECONDS`. What is owed or assessed already keeps its version.

    `after`: the number of the last activation that the person saw when they decided, 0 for none.

    Errors: MayNotActivate, InvalidInput (no reason), NotPublished, AlreadyActive, ActiveHasChanged."""
    if not may_activate(by):
        raise MayNotActivate(_("You may not put a catalogue in force."))
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or "\x00" in reason:
        message = _("Say why, in up to 2000 letters.")
        raise InvalidInput(message, (Problem("/reason", "unusable_reason", message),))
    catalogue = _published(version)
    newest = _lock_newest()
    _refuse_if_moved(newest, catalogue, after)
    activation = CatalogueActivation.objects.create(
        number=newest.number + 1 if newest else 1,
        version=catalogue.version,
        sha256=catalogue.sha256,
        activated_by=by,
        reason=reason,
        activated_at=at,
    )
    record_event(
        AuditEvent.Type.CATALOGUE_ACTIVATED,
        subject=activation,
        by=by,
        at=at,
        detail={"version": catalogue.version, "sha256": catalogue.sha256, "reason": reason},
    )
    transaction.on_commit(forget_active)
    return activation


def _published(version: str) -> Catalogue:
    try:
        catalogue = load(version)
    except CatalogueError as error:
        raise NotPublished(_("This catalogue cannot be used: %(fault)s") % {"fault": error}) from error
    if not is_published(catalogue):
        raise NotPublished(
            _("“%(version)s” is a draft. Try it in shadow mode and publish it; then it can be put in force.")
            % {"version": version}
        )
    return catalogue


def _lock_newest() -> CatalogueActivation | None:
    """One at a time: whoever is second sees what the first has done."""
    with connection.cursor() as cursor:
        cursor.execute("lock table assessments_catalogueactivation in share row exclusive mode")
    return CatalogueActivation.objects.first()


def _refuse_if_moved(newest: CatalogueActivation | None, catalogue: Catalogue, after: int | None) -> None:
    if newest is not None and (newest.version, newest.sha256) == (catalogue.version, catalogue.sha256):
        raise AlreadyActive(_("“%(version)s” is in force already.") % {"version": newest.version})
    if newest is not None and after is not None and newest.number != after:
        raise ActiveHasChanged(
            _("Somebody else has put “%(version)s” in force since you looked.") % {"version": newest.version}
        )
