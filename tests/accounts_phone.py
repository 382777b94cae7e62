"""A phone that keeps passkeys, as the server sees it: WebAuthn with a key of its own, and every lie that it may tell."""

import json
import os
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

ORIGIN = "http://testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Phone:
    def __init__(self, *, origin: str = ORIGIN, rp_id: str = "testserver", attachment: str = "platform") -> None:
        self.origin, self.rp_id, self.attachment = origin, rp_id, attachment
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.count = 0
        self.flags = PRESENT | VERIFIED
        self.handle: bytes | None = None

    def make(self, options: dict) -> str:
        """What is sent after `navigator.credentials.create(options)`."""
        options = options["publicKey"]
        self.handle = websafe_decode(options["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(bytes(16), self.credential_id, public)
        data = AuthenticatorData.create(self._rp_hash(), self.flags | ATTESTED, self.count, credential)
        return self._told(
            clientDataJSON=self._client_data(CollectedClientData.TYPE.CREATE, options),
            attestationObject=AttestationObject.create("none", data, {}),
        )

    def sign(self, options: dict, *, handle: bytes | None = None) -> str:
        """What is sent after `navigator.credentials.get(options)`."""
        data = AuthenticatorData.create(self._rp_hash(), self.flags, self.count)
        client_data = self._client_data(CollectedClientData.TYPE.GET, options["publicKey"])
        signature = self.key.sign(data + sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._told(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=signature,
            userHandle=handle or self.handle or b"",
        )

    def _rp_hash(self) -> bytes:
        return sha256(self.rp_id.encode()).digest()

    def _client_data(self, kind: str, options: dict) -> bytes:
        return CollectedClientData.create(kind, options["challenge"], self.origin)

    def _told(self, **response: bytes) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.credential_id),
                "rawId": websafe_encode(self.credential_id),
                "type": "public-key",
                "authenticatorAttachment": self.attachment,
                "clientExtensionResults": {},
                "response": {name: websafe_encode(bytes(value)) for name, value in response.items()},
            }
        )
