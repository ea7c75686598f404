"""How one statement about an entity is kept in the event log: a line of JSON."""

from typing import Any

import msgspec

from elasticdash.shared import errors
from elasticdash.shared.domain.events import EntityEvent, EntityKind


class CorruptEventError(errors.ElasticDashError):
    """A payload of the event log is not an event of ours."""


class _LoggedEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: EntityKind
    entity_id: str
    time_us: int
    is_create: bool
    explicit: dict[str, Any]
    derived: dict[str, Any] = {}
    derived_rank: int = 0


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_LoggedEvent)


def encode_event(event: EntityEvent) -> str:
    """The event as JSON text; `decode_event` gives an equal event."""
    return _encoder.encode(event).decode()


def decode_event(payload: str) -> EntityEvent:
    """The event of a payload. Raises CorruptEventError when it is not one."""
    try:
        logged = _decoder.decode(payload)
    except msgspec.MsgspecError as error:
        raise CorruptEventError(f"Could not read an event of the event log: {error}") from error
    return EntityEvent(
        logged.kind,
        logged.entity_id,
        logged.time_us,
        logged.is_create,
        logged.explicit,
        logged.derived,
        logged.derived_rank,
    )
