"""How secrets are kept: API secrets as keyed hashes, passwords as argon2id."""

import functools
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import argon2
import bcrypt

from elasticdash.shared import keyrings
from elasticdash.shared.keyrings import EncryptionKeys, SessionKeys

_PASSWORDS = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# How Langfuse keeps passwords, and secrets of keys that were not used since it has fast hashes.
_BCRYPT = "$2"
# It looks at no more of them than this.
_BCRYPT_MAX_BYTES = 72
_SHOWN_START = 6
_SHOWN_END = 4


@dataclass(frozen=True, slots=True)
class SecretHasher:
    """Hashes and checks API secrets. API secrets are long and random, so a fast keyed hash is enough.

    `previous_pepper` verifies too: what was stored before the pepper changed, or what others store already.
    `langfuse_salts` are the SALTs of an installation whose keys were imported.
    """

    pepper: str = field(repr=False)
    previous_pepper: str | None = field(default=None, repr=False)
    langfuse_salts: Sequence[str] = field(default=(), repr=False)

    @property
    def pepper_id(self) -> str:
        """Which pepper `hash` uses."""
        return keyrings.key_id(self.pepper)

    def hash(self, secret: str) -> str:
        """HMAC-SHA256 of a secret under the current pepper, in hex."""
        return _keyed(self.pepper, secret)

    def is_current(self, secret: str, stored_hash: str | None) -> bool:
        """Whether a stored hash is this secret's under the current pepper."""
        return hmac.compare_digest(self.hash(secret), stored_hash or "")

    def matches(self, secret: str, stored_hash: str | None, imported_hash: str | None) -> bool:
        """Whether a secret belongs to a key, in any form it may be stored; takes the same time for every answer."""
        previous = self.previous_pepper if self.previous_pepper is not None else self.pepper
        imported = [langfuse_fast_hash(secret, salt) for salt in self.langfuse_salts]
        found = [
            self.is_current(secret, stored_hash),
            hmac.compare_digest(_keyed(previous, secret), stored_hash or ""),
            *(hmac.compare_digest(known, imported_hash or "") for known in imported),
        ]
        return any(found)


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key of this process."""

    hasher: SecretHasher
    sessions: SessionKeys
    encryption: EncryptionKeys


def langfuse_fast_hash(secret: str, salt: str) -> str:
    """The hash Langfuse keeps: hex SHA-256 over the secret followed by the hex SHA-256 of the installation's SALT.

    Source: section 2.2 of the API contract research.
    """
    hashed_salt = hashlib.sha256(salt.encode()).hexdigest()
    return hashlib.sha256(_bytes(secret) + hashed_salt.encode()).hexdigest()


def shown_secret(secret: str) -> str:
    """What may be shown of a secret: its first six and last four characters."""
    return f"{secret[:_SHOWN_START]}...{secret[-_SHOWN_END:]}"


def hash_password(password: str) -> str:
    """argon2id (19 MiB, two passes) of a password, with its own salt. Takes tens of milliseconds of CPU."""
    return _PASSWORDS.hash(_typed(password))


def password_matches(password: str, stored_hash: str | None) -> bool:
    """Whether a password is the hashed one; never for None, which takes as long. Tens of milliseconds of CPU.

    Imported bcrypt hashes are checked too: those take longer, until they are replaced.
    """
    if is_imported(stored_hash):
        return bcrypt_matches(password, stored_hash or "")
    try:
        return _PASSWORDS.verify(stored_hash or _nobodys_hash(), _typed(password)) and stored_hash is not None
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def is_imported(stored_hash: str | None) -> bool:
    """Whether a secret is kept as another installation kept it, by bcrypt: to be hashed anew when it is next known."""
    return stored_hash is not None and stored_hash.startswith(_BCRYPT)


def bcrypt_matches(secret: str, stored_hash: str) -> bool:
    """Whether a secret is the one that was hashed by bcrypt. Tens to hundreds of milliseconds of CPU."""
    try:
        return bcrypt.checkpw(_bytes(secret)[:_BCRYPT_MAX_BYTES], stored_hash.encode())
    except ValueError:
        return False


@functools.cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())


def _typed(password: str) -> bytes:
    # Keyboards send the same letters composed or taken apart.
    return _bytes(unicodedata.normalize("NFKC", password))


def _keyed(pepper: str, secret: str) -> str:
    return hmac.digest(pepper.encode(), _bytes(secret), "sha256").hex()


def _bytes(secret: str) -> bytes:
    # What a client sends may hold anything, lone surrogates too.
    return secret.encode("utf-8", "surrogatepass")
