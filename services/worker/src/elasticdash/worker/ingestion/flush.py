"""What one flush of a project touches, collected while it is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from elasticdash.shared.clickhouse import merging, observation_times
from elasticdash.shared.clickhouse.merging import LiveTrace, LoggedEvent
from elasticdash.shared.clickhouse.observation_times import MINUTE_US
from elasticdash.shared.domain.events import EntityEvent, EntityKind
from elasticdash.shared.domain.record import record
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.worker.ingestion import merge
from elasticdash.worker.ingestion.decoded import DecodedObject, PositionedEvent, Sent

Place = tuple[str, int]


@record()
class Known:
    """Every statement known about one entity; `is_new` when none was known before this flush."""

    events: Sequence[EntityEvent]
    first_received_ms: int
    is_new: bool


@dataclass(slots=True)
class Flush:
    """Objects of one project that are stored together.

    `live` holds the traces that were looked up; `touched` those whose rows must be written again. `minutes_us` are the
    minutes that complete observations were seen to start in, `written_ms` is when they were written.
    """

    scope: ProjectScope
    objects: Sequence[DecodedObject]
    live: dict[str, LiveTrace] = field(default_factory=dict[str, LiveTrace])
    looked_up: set[str] = field(default_factory=set[str])
    touched: set[str] = field(default_factory=set[str])
    minutes_us: dict[observation_times.Place, set[int]] = field(default_factory=dict[observation_times.Place, set[int]])
    written_ms: int = 0
    own: dict[EntityKind, dict[str, dict[Place, PositionedEvent]]] = field(
        default_factory=lambda: {kind: {} for kind in EntityKind}
    )

    @property
    def mentioned(self) -> set[str]:
        """Traces that the objects speak of."""
        found = {row.observation.trace_id for decoded in self.objects for row in decoded.observations}
        return found | merge.mentioned_traces(row.event for decoded in self.objects for row in decoded.events)

    @property
    def keys(self) -> Sequence[str]:
        """Whose logged statements need not be read back: all of them are in this flush."""
        return [decoded.key for decoded in self.objects if decoded.is_whole]

    def is_buried(self, trace_id: str) -> bool:
        """Whether the trace was deleted through the API."""
        live = self.live.get(trace_id)
        return live is not None and live.revision == merging.TOMBSTONE_REVISION

    def see_own_minutes(self) -> None:
        """Note the minutes that the complete observations of this flush start in."""
        for row in (row.observation for decoded in self.objects for row in decoded.observations):
            minute_us = row.start_time_us // MINUTE_US * MINUTE_US
            self.minutes_us.setdefault((row.trace_id, row.id), set()).add(minute_us)

    def add(self, key: str, row: PositionedEvent) -> None:
        """Count a statement among those of its entity."""
        self.own[row.event.kind].setdefault(row.event.entity_id, {})[key, row.position] = row

    def sent_last(self, kind: EntityKind, entity_id: str) -> Sent:
        """Who sent the last statement of this flush about an entity."""
        return next(reversed(self.own[kind][entity_id].values())).sent

    def known(
        self, kind: EntityKind, logged: Mapping[str, Iterable[tuple[LoggedEvent, EntityEvent]]]
    ) -> dict[str, Known]:
        """This flush's own statements about entities of a kind with those logged before, each counted once."""
        found: dict[str, Known] = {}
        for entity_id in self.own[kind].keys() | logged.keys():
            own = self.own[kind].get(entity_id, {})
            others = [
                (row, event) for row, event in logged.get(entity_id, ()) if (row.batch_key, row.position) not in own
            ]
            received_ms = [row.sent.received_ms for row in own.values()] + [row.received_ms for row, _ in others]
            events = [row.event for row in own.values()] + [event for _, event in others]
            found[entity_id] = Known(events, min(received_ms), not others)
        return found
