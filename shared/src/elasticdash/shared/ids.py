"""Identifiers: their types, and how new ones are made."""

import os
import time
import uuid
from typing import NewType

OrganizationId = NewType("OrganizationId", str)
ProjectId = NewType("ProjectId", str)
TraceId = NewType("TraceId", str)
ObservationId = NewType("ObservationId", str)
ScoreId = NewType("ScoreId", str)
SessionId = NewType("SessionId", str)

_ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DERIVED_NAMESPACE = uuid.UUID("6f2a1a57-2a5e-4a0b-9c1e-1d0a3c1b7e55")


def new_id() -> str:
    """A random identifier (UUID version 4, with dashes)."""
    return str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """The identifier that these parts always give: the same event sent again gets the same one."""
    return str(uuid.uuid5(_DERIVED_NAMESPACE, "\x1f".join(parts)))


def new_ulid(now_ms: int | None = None) -> str:
    """26 characters that sort by creation time (Crockford base 32: 48 bits of ms, 80 random)."""
    ms = int(time.time() * 1000) if now_ms is None else now_ms
    value = (ms << 80) | int.from_bytes(os.urandom(10), "big")
    return "".join(_ULID_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))
