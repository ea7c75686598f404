"""What one raw object says, ready to be merged and stored."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.shared.clickhouse.write import Attribution
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.record import record
from elasticdash.shared.domain.scope import ProjectScope


@dataclass(frozen=True, slots=True)
class Sent:
    """Who sent something, and when it was received in milliseconds since the epoch."""

    sender: Attribution
    received_ms: int


@record()
class PositionedObservation:
    """A complete observation and its place in its raw object, the same at every replay."""

    position: int
    observation: Observation
    sent: Sent


@record()
class PositionedEvent:
    """An event and its place in its raw object, the same at every replay."""

    position: int
    event: EntityEvent
    sent: Sent


@dataclass(frozen=True, slots=True)
class DecodedObject:
    """The observations (complete) and events (to be merged) of one raw object of one project, or a part of them.

    `size_bytes` is that of the unpacked bodies it was read from, also of a part.
    """

    key: str
    scope: ProjectScope
    observations: Sequence[PositionedObservation]
    events: Sequence[PositionedEvent]
    is_whole: bool = True
    size_bytes: int = 0

    @property
    def row_count(self) -> int:
        """How many rows it will give, about."""
        return len(self.observations) + len(self.events)

    def halves(self) -> tuple["DecodedObject", "DecodedObject"]:
        """Two parts with all its rows between them, observations first. It must have at least two rows."""
        middle = self.row_count // 2
        before = min(middle, len(self.observations))
        return (
            self._part(self.observations[:before], self.events[: middle - before]),
            self._part(self.observations[before:], self.events[middle - before :]),
        )

    def _part(
        self, observations: Sequence[PositionedObservation], events: Sequence[PositionedEvent]
    ) -> "DecodedObject":
        return dataclasses.replace(self, observations=observations, events=events, is_whole=False)
