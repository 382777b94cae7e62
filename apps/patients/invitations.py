"""Getting in: an invitation is made and handed over, opened once within three days, and becomes an account."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.passkeys.keeping import end_every_passkey
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import DomainError, InvalidInput, Problem
from apps.patients.models import Carer, Invitation, Patient

VALID_FOR = timedelta(hours=72)
TOKEN_BYTES = 32


class InvitationSpent(DomainError):
    """Used, taken back, or too old. Who asks is told no more than that."""

    code = "invitation_spent"


@transaction.atomic
def invite(
    *, patient: Patient, invites: str, by: User, at: datetime, relationship: str = ""
) -> tuple[Invitation, str]:
    """The invitation and its token, which is kept nowhere. Another one for the patient takes back the one before:
    of two sheets of paper one may lie about. Errors: InvalidInput (a carer of no relationship)."""
    relationship = relationship.strip()
    if invites == Invitation.For.CARER and not relationship:
        message = _("Say who this is to the patient: wife, son, neighbour.")
        raise InvalidInput(message, (Problem("/relationship", "required", message),))
    if invites == Invitation.For.PATIENT:
        open_invitations(patient, at).filter(invites=invites).update(revoked_at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = Invitation.objects.create(
        patient=patient,
        invites=invites,
        relationship=relationship[:60],
        token_sha256=_digest(token),
        made_by=by,
        made_at=at,
        expires_at=at + VALID_FOR,
    )
    record_event(AuditEvent.Type.INVITED, subject=made, by=by, at=at, patient_id=patient.pk)
    return made, token


def open_invitations(patient: Patient, at: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(patient=patient, accepted_at=None, revoked_at=None, expires_at__gt=at)


def revoke_invitation(*, invitation: Invitation, at: datetime) -> None:
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=at)


def find_invitation(token: str, at: datetime) -> Invitation | None:
    """Open still, or None."""
    found = Invitation.objects.filter(token_sha256=_digest(token)).select_related("patient__user").first()
    return found if found and found.is_open(at) else None


def suggested_name(invitation: Invitation) -> str:
    """To sign in with: easy to say, and free."""
    person = invitation.patient.given_name if invitation.invites == Invitation.For.PATIENT else "carer"
    base = slugify(person)[:20] or "me"
    while True:
        name = f"{base}-{secrets.randbelow(9000) + 1000}"
        if not User.objects.filter(username=name).exists():
            return name


@transaction.atomic
def accept(*, token: str, at: datetime, display_name: str, username: str, passphrase: str | None) -> User:
    """The account of whoever holds the invitation. A patient who has one already keeps it, with the new
    passphrase; whoever was signed in with it is signed out and its passkeys end: the old phone may be in other
    hands. Without a passphrase the person will come in with a passkey that is made next.

    Errors: InvitationSpent, InvalidInput (a name that is taken, a passphrase that is too easy)."""
    invitation = Invitation.objects.select_for_update().filter(token_sha256=_digest(token)).first()
    if invitation is None or not invitation.is_open(at):
        raise InvitationSpent(_("This invitation was used already, taken back, or is too old. Ask for a new one."))
    patient = Patient.objects.select_for_update().get(pk=invitation.patient_id)
    if invitation.invites == Invitation.For.PATIENT and patient.user is not None:
        user = _with_new_passphrase(patient.user, passphrase)
        end_every_passkey(user=user, by=user, at=at)
    else:
        user = _new_account(invitation, patient, display_name, username, passphrase)
        if invitation.invites == Invitation.For.PATIENT:
            patient.user = user
            patient.save(update_fields=["user"])
        else:
            Carer.objects.create(patient=patient, user=user, relationship=invitation.relationship, consented_at=at)
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record_event(AuditEvent.Type.JOINED, subject=invitation, by=user, at=at, patient_id=patient.pk)
    return user


def _with_new_passphrase(user: User, passphrase: str | None) -> User:
    _check_passphrase(passphrase, user)
    user.set_password(passphrase)
    user.session_epoch += 1
    user.is_active = True
    user.save(update_fields=["password", "session_epoch", "is_active"])
    return user


def _new_account(
    invitation: Invitation, patient: Patient, display_name: str, username: str, passphrase: str | None
) -> User:
    is_patient = invitation.invites == Invitation.For.PATIENT
    user = User(
        username=User.normalize_username(username.strip()),
        display_name=(patient.name if is_patient else display_name.strip())[:150],
        role=User.Role.PATIENT if is_patient else User.Role.CARER,
    )
    if not user.display_name:
        message = _("Write your name, so that the ward knows who reports.")
        raise InvalidInput(message, (Problem("/display_name", "required", message),))
    _check_passphrase(passphrase, user)
    user.set_password(passphrase)
    try:
        with transaction.atomic():
            user.clean_fields(exclude=["password"])
            user.save()
    except IntegrityError:
        message = _("This name is taken. Choose another one.")
        raise InvalidInput(message, (Problem("/username", "taken", message),)) from None
    except ValidationError as faults:
        problems = [
            Problem(f"/{field}", "invalid", str(text))
            for field, texts in faults.message_dict.items()
            for text in texts
        ]
        raise InvalidInput(problems[0].detail, tuple(problems)) from None
    return user


def _check_passphrase(passphrase: str | None, user: User) -> None:
    if passphrase is None:
        return
    try:
        validate_password(passphrase, user)
    except ValidationError as faults:
        problems = tuple(Problem("/passphrase", "too_easy", text) for text in faults.messages)
        raise InvalidInput(faults.messages[0], problems) from None


@transaction.atomic
def withdraw_consent(*, carer: Carer, by: User, at: datetime) -> None:
    """From now on this carer sees and reports nothing more. What they reported stays. Twice is once."""
    if Carer.objects.filter(pk=carer.pk, withdrawn_at=None).update(withdrawn_at=max(at, carer.consented_at)):
        record_event(AuditEvent.Type.CONSENT_WITHDRAWN, subject=carer, by=by, at=at, patient_id=carer.patient_id)


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
