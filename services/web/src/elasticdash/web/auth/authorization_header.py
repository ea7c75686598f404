"""Reads credentials from the Authorization header."""

import base64
import binascii
from dataclasses import dataclass, field

from elasticdash.shared import errors


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves of a key, from `Basic`."""

    public_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half alone, from `Bearer`."""

    public_key: str


def credentials(header: str | None) -> KeyPair | PublicKey:
    """What a header claims. AuthenticationError when there is none, or it is neither Basic nor Bearer."""
    if not header:
        raise errors.AuthenticationError("No authorization header")
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value:
        return PublicKey(value)
    if scheme.lower() != "basic":
        raise _invalid()
    return _pair(value)


def _pair(value: str) -> KeyPair:
    try:
        # Some clients leave the padding out.
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _invalid() from error
    # Only the first two parts count, whatever follows.
    public_key, secret_key, *_ = [*text.split(":"), "", ""]
    if not public_key or not secret_key:
        raise _invalid()
    return KeyPair(public_key, secret_key)


def _invalid() -> errors.AuthenticationError:
    return errors.AuthenticationError("Invalid authorization header")
