"""Passkeys kept, used and ended; each is on record."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from fido2.webauthn import AuthenticatorData

from apps.accounts.models import Passkey, User
from apps.accounts.passkeys.ceremony import PasskeyRefused
from apps.audit.models import AuditEvent
from apps.audit.services import record_event

MOST = 20


@transaction.atomic
def keep_passkey(*, user: User, data: AuthenticatorData, name: str, at: datetime) -> Passkey:
    """Errors: PasskeyRefused (kept already, too many)."""
    made = data.credential_data
    User.objects.select_for_update().get(pk=user.pk)
    if made is None or user.passkeys.filter(ended_at=None).count() >= MOST:
        raise PasskeyRefused(_("You have too many passkeys. Remove one first."))
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(
                user=user,
                name=" ".join(name.split())[:60] or _("A phone or computer"),
                credential_id=made.credential_id,
                credential=bytes(made),
                sign_count=data.counter,
                made_at=at,
            )
    except IntegrityError:
        raise PasskeyRefused(_("This passkey is kept already.")) from None
    _record(passkey, "made", by=user, at=at)
    return passkey


def note_use(*, passkey: Passkey, sign_count: int, at: datetime) -> None:
    """Errors: PasskeyRefused, when it has signed less often than before: somebody may have copied it."""
    with transaction.atomic():
        held = Passkey.objects.select_for_update().get(pk=passkey.pk)
        is_copied = (sign_count or held.sign_count) and sign_count <= held.sign_count
        if not is_copied and held.ended_at is None:
            held.used_at, held.sign_count = max(at, held.made_at), sign_count
            held.save(update_fields=["used_at", "sign_count"])
            return
        if is_copied:
            _record(held, "refused_as_copied", by=None, at=at)
    raise PasskeyRefused(_("This passkey was not accepted. Try again, or use your passphrase."))


@transaction.atomic
def end_passkey(*, passkey: Passkey, by: User, at: datetime) -> None:
    """Twice is once. Errors: PasskeyRefused, when it is the only way in that the person has."""
    user = User.objects.select_for_update().get(pk=passkey.user_id)
    others = user.passkeys.filter(ended_at=None).exclude(pk=passkey.pk)
    if not user.has_usable_password() and not others.exists():
        raise PasskeyRefused(_("This is your only way in. Set a passphrase, or make another passkey, before."))
    if Passkey.objects.filter(pk=passkey.pk, ended_at=None).update(ended_at=max(at, passkey.made_at)):
        _record(passkey, "ended", by=by, at=at)


@transaction.atomic
def end_every_passkey(*, user: User, by: User | None, at: datetime) -> None:
    """The person begins anew: an old phone may be in other hands."""
    for passkey in user.passkeys.select_for_update().filter(ended_at=None):
        passkey.ended_at = max(at, passkey.made_at)
        passkey.save(update_fields=["ended_at"])
        _record(passkey, "ended", by=by, at=at)


def _record(passkey: Passkey, what: str, *, by: User | None, at: datetime) -> None:
    record_event(
        AuditEvent.Type.PASSKEY_CHANGED,
        subject=passkey.user,
        by=by,
        at=at,
        detail={"passkey": str(passkey.pk), "what": what},
    )
