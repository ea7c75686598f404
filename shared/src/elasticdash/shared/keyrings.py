"""Keys of which several count at a time: the newest is used, the others still, or already, work."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from elasticdash.shared import errors

_ID_CHARACTERS = 12
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """What browser sessions are kept under, so that who can only write to the store signs nobody in."""

    secrets: Sequence[str] = field(repr=False)

    @property
    def current_id(self) -> str:
        """The id of the key that new sessions are kept under."""
        return key_id(self.secrets[0])

    def signed(self, token: str) -> str:
        """How a session's token is kept: id of the newest key, a dot, HMAC-SHA256 in hex."""
        return _signed(self.secrets[0], token)

    def all_signed(self, token: str) -> list[str]:
        """Every way a token may be kept, under the newest key first."""
        return [_signed(secret, token) for secret in self.secrets]


@dataclass(frozen=True, slots=True)
class EncryptionKeys:
    """What secrets that must be read again are encrypted with: AES-256-GCM. Empty: nothing can be kept."""

    secrets: Sequence[str] = field(default=(), repr=False)

    @property
    def current_id(self) -> str:
        """The id of the key that encrypts. ConfigurationError without one."""
        if not self.secrets:
            raise errors.ConfigurationError("ENCRYPTION_KEY is not set: give every process the same")
        return key_id(self.secrets[0])

    @property
    def other_ids(self) -> list[str]:
        """Ids of the keys that only decrypt."""
        return [key_id(secret) for secret in self.secrets[1:]]

    def encrypted(self, text: str, context: str) -> str:
        """A text under the newest key, in base64; only the same context opens it. ConfigurationError without a key."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._cipher(self.current_id).encrypt(nonce, text.encode("utf-8", "surrogatepass"), context.encode())
        return base64.b64encode(nonce + cipher).decode()

    def decrypted(self, encrypted: str, encrypted_with: str, context: str) -> str:
        """The text under the key with this id. ConfigurationError when the key is missing or the text is another's."""
        data = base64.b64decode(encrypted)
        try:
            text = self._cipher(encrypted_with).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode())
        except InvalidTag as error:
            raise errors.ConfigurationError("A stored secret was changed, or belongs to something else") from error
        return text.decode("utf-8", "surrogatepass")

    def _cipher(self, wanted_id: str) -> AESGCM:
        for secret in self.secrets:
            if key_id(secret) == wanted_id:
                return AESGCM(hmac.digest(secret.encode(), b"encryption", hashlib.sha256))
        raise errors.ConfigurationError(f"No encryption key has the id {wanted_id!r}: see ENCRYPTION_KEY")


def key_id(secret: str) -> str:
    """Which key it is, safe to store and to show: the same secret has the same id everywhere."""
    return hmac.digest(secret.encode(), b"key id", hashlib.sha256).hex()[:_ID_CHARACTERS]


def _signed(secret: str, token: str) -> str:
    signature = hmac.digest(secret.encode(), b"session\0" + token.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"{key_id(secret)}.{signature.hex()}"
