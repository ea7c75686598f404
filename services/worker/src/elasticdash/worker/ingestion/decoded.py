"""What one raw object says, ready to be merged and stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.shared.clickhouse.write import Attribution
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope


@dataclass(frozen=True, slots=True)
class PositionedEvent:
    """An event and its place in its raw object, the same at every replay."""

    position: int
    event: EntityEvent
    sender: Attribution


@dataclass(frozen=True, slots=True)
class DecodedObject:
    """The observations (complete) and events (to be merged) of one raw object of one project."""

    key: str
    scope: ProjectScope
    observations: Sequence[Observation]
    observation_senders: Sequence[Attribution]
    events: Sequence[PositionedEvent]

    @property
    def row_count(self) -> int:
        """How many rows it will give, about."""
        return len(self.observations) + len(self.events)
