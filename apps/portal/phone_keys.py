"""The keys with which a phone seals what it keeps of a person. The server makes them from its own secret and hands
them to nobody but that person when signed in, so what lies on a phone can be read there by nobody else."""

from base64 import b64encode

from django.conf import settings
from django.utils.crypto import salted_hmac

from apps.accounts.models import User


def sealing_keys(user: User) -> list[str]:
    """AES-256 keys in base64: that of the secret in use, then those of earlier ones, which still open."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [b64encode(_key(user, secret)).decode() for secret in secrets]


def _key(user: User, secret: str) -> bytes:
    return salted_hmac("apps.portal.phone_keys", str(user.pk), secret=secret, algorithm="sha256").digest()
