"""What a browser and we say to each other when a passkey is made or used: WebAuthn, checked by Yubico's library.

A challenge lives in the session: it is for one purpose, for one try, and for five minutes (see
docs/adr/0025-passkeys.md)."""

import struct
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from apps.accounts.models import Passkey, User
from apps.core.errors import DomainError

VALID_FOR = timedelta(minutes=5)
KEY = "passkey_challenge"
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error)
"""What the library may raise over an answer that no browser makes."""


class PasskeyRefused(DomainError):
    """The words never say whose it would have been, or whether anybody has such a one."""

    code = "passkey_refused"


def begin_making(request: HttpRequest, user: User, at: datetime) -> dict[str, Any]:
    """Options for `navigator.credentials.create`. The name of the person is shown by the phone, and nothing of
    them leaves it."""
    options, state = _server(request).register_begin(
        PublicKeyCredentialUserEntity(
            id=user.pk.bytes, name=user.get_username(), display_name=user.get_full_name()
        ),
        credentials=_known(user.passkeys.filter(ended_at=None)),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep(request, state, purpose="make", at=at)
    return dict(options)


def finish_making(request: HttpRequest, answer: Mapping[str, Any], at: datetime) -> AuthenticatorData:
    """Errors: PasskeyRefused."""
    state = _take(request, purpose="make", at=at)
    try:
        return _server(request).register_complete(state, answer)
    except _UNREADABLE as fault:
        raise _refusal() from fault


def begin_using(request: HttpRequest, at: datetime) -> dict[str, Any]:
    """Options for `navigator.credentials.get`, the same for everybody: the phone shows whose keys it has."""
    options, state = _server(request).authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    _keep(request, state, purpose="use", at=at)
    return dict(options)


def finish_using(request: HttpRequest, answer: Mapping[str, Any], at: datetime) -> tuple[Passkey, int]:
    """The passkey that signed, and how often it says that it has. Errors: PasskeyRefused."""
    state = _take(request, purpose="use", at=at)
    try:
        told = AuthenticationResponse.from_dict(answer)
        passkey = Passkey.objects.select_related("user").filter(credential_id=told.raw_id, ended_at=None).first()
        known = [AttestedCredentialData(bytes(passkey.credential))] if passkey else []
        _server(request).authenticate_complete(state, known, answer)
        handle, count = told.response.user_handle, told.response.authenticator_data.counter
    except _UNREADABLE as fault:
        raise _refusal() from fault
    if passkey is None or (handle is not None and handle != passkey.user.pk.bytes):
        raise _refusal()
    return passkey, count


def _server(request: HttpRequest) -> Fido2Server:
    """For the name and the origin under which we are reached just now; both were held against ALLOWED_HOSTS."""
    origin = f"{request.scheme}://{request.get_host()}"
    party = PublicKeyCredentialRpEntity(name=settings.SITE_NAME, id=urlsplit(origin).hostname)
    return Fido2Server(party, verify_origin=lambda told: told == origin)


def _known(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    """So that one phone does not make a second one."""
    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes(passkey.credential_id))
        for passkey in passkeys
    ]


def _keep(request: HttpRequest, state: Mapping[str, Any], *, purpose: str, at: datetime) -> None:
    request.session[KEY] = {**state, "purpose": purpose, "at": at.timestamp()}


def _take(request: HttpRequest, *, purpose: str, at: datetime) -> dict[str, Any]:
    """One try: it is gone whatever comes of it."""
    state: dict[str, Any] | None = request.session.pop(KEY, None)
    if state is None or state["purpose"] != purpose or at.timestamp() - state["at"] > VALID_FOR.total_seconds():
        raise PasskeyRefused(_("That took too long, or was done twice. Try it once more."))
    return state


def _refusal() -> PasskeyRefused:
    return PasskeyRefused(_("This passkey was not accepted. Try again, or use your passphrase."))
