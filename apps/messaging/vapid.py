"""The key by which push services know that a message is ours (VAPID, RFC 8292). Plain Python: settings read it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BYTES_OF_A_KEY = 32


class NotAKey(ValueError):
    pass


def new_private_key() -> str:
    """32 bytes in base64url without padding, as `VAPID_PRIVATE_KEY` holds it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _text(number.to_bytes(BYTES_OF_A_KEY, "big"))


def public_key_of(private_key: str) -> str:
    """What a browser is given to subscribe with: an uncompressed point, base64url without padding.

    Errors: NotAKey."""
    try:
        raw = urlsafe_b64decode(private_key + "=" * (-len(private_key) % 4))
        if len(raw) != BYTES_OF_A_KEY:
            raise NotAKey("it has to be 32 bytes in base64url")
        key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    except ValueError as error:
        raise NotAKey(str(error)) from error
    return _text(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
