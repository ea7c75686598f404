"""What one accepted event says about one entity, before merging."""

from dataclasses import field
from enum import StrEnum

from elasticdash.shared.domain.json_value import JsonObject
from elasticdash.shared.domain.record import record


class EntityKind(StrEnum):
    """The entities that events speak about."""

    TRACE = "trace"
    OBSERVATION = "observation"
    SCORE = "score"


@record()
class EntityEvent:
    """A statement about one entity.

    `explicit` holds what the sender stated, by column name of the record (`Trace`, `Observation`,
    `Score`); a key whose value is None is an explicit null, a missing key says nothing.
    `derived` holds fallbacks (envelope time as start, span name as trace name): they count only for a
    field that no event of the entity states explicitly, and the one with the highest
    (`derived_rank`, earliest `time_us`) wins.
    Times are microseconds since the epoch; costs are decimal texts; input and output are texts.
    The whole event encodes to JSON, which is how it is kept in the event log.
    """

    kind: EntityKind
    entity_id: str
    time_us: int
    is_create: bool
    explicit: JsonObject
    derived: JsonObject = field(default_factory=dict[str, "str"])
    derived_rank: int = 0
