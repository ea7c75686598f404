"""Stores decoded objects: appends their events, folds what they touch, writes the rows, marks them done."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from elasticdash.shared.clickhouse import merging, write
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.merging import LoggedEvent
from elasticdash.shared.clickhouse.write import Attribution, Stamp
from elasticdash.shared.domain import merge as domain_merge
from elasticdash.shared.domain.events import EntityEvent, EntityKind
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ObservationId, ScoreId
from elasticdash.shared.schemas import event_log
from elasticdash.worker.ingestion import merge
from elasticdash.worker.ingestion.decoded import DecodedObject, PositionedEvent

EventsById = dict[str, list[EntityEvent]]
LinkPrompts = Callable[[ProjectScope, Sequence[Observation]], Awaitable[Sequence[Observation]]]


@dataclass(slots=True)
class _Touched:
    """Events of this flush by entity, and who sent the last one of each."""

    events: dict[EntityKind, EventsById] = field(default_factory=lambda: {kind: {} for kind in EntityKind})
    senders: dict[tuple[EntityKind, str], Attribution] = field(
        default_factory=dict[tuple[EntityKind, str], Attribution]
    )
    trace_ids: set[str] = field(default_factory=set[str])

    def add(self, positioned: PositionedEvent) -> None:
        event = positioned.event
        self.events[event.kind].setdefault(event.entity_id, []).append(event)
        self.senders[event.kind, event.entity_id] = positioned.sender


class ObjectStore:
    """Writes decoded objects to ClickHouse. Doing it again with the same objects changes nothing."""

    def __init__(self, clickhouse: ClickHouse, link_prompts: LinkPrompts, now_ms: Callable[[], int]) -> None:
        self._clickhouse = clickhouse
        self._link_prompts = link_prompts
        self._now_ms = now_ms

    async def store(self, objects: Sequence[DecodedObject], prices: dict[ProjectScope, Pricer]) -> None:
        """All rows of these objects, then their completion marks. Raises what the first failing insert raises."""
        by_project: dict[ProjectScope, list[DecodedObject]] = defaultdict(list)
        for decoded in objects:
            by_project[decoded.scope].append(decoded)
        for scope, group in by_project.items():
            await self._store_project(scope, group, prices[scope])
        await self.mark_done([decoded.key for decoded in objects])

    async def mark_done(self, keys: Sequence[str]) -> None:
        """Tell the sweeper that these raw objects need no more work."""
        await merging.insert_processed_batches(self._clickhouse, keys, self._now_ms())

    async def _store_project(self, scope: ProjectScope, objects: Sequence[DecodedObject], price: Pricer) -> None:
        mentioned = _mentioned_traces(objects)
        live = await merging.fetch_live_traces(self._clickhouse, scope, sorted(mentioned))
        buried = {id_ for id_, trace in live.items() if trace.revision == merging.TOMBSTONE_REVISION}
        touched = await self._append(scope, objects, buried)
        keys = [decoded.key for decoded in objects]
        await self._merge_observations(scope, touched, keys, price)
        await self._merge_traces(scope, touched, keys, live)
        await self._merge_scores(scope, touched, keys)

    async def _append(self, scope: ProjectScope, objects: Sequence[DecodedObject], buried: set[str]) -> _Touched:
        """Store complete observations and the event log; events of deleted traces are dropped here."""
        now_ms = self._now_ms()
        touched = _Touched()
        log_rows: list[tuple[str, str, str, LoggedEvent]] = []
        observations = [
            (observation, sender)
            for decoded in objects
            for observation, sender in zip(decoded.observations, decoded.observation_senders, strict=True)
            if observation.trace_id not in buried
        ]
        touched.trace_ids.update(observation.trace_id for observation, _ in observations)
        for decoded in objects:
            for positioned in decoded.events:
                event = positioned.event
                if _trace_of(event) in buried:
                    continue
                touched.add(positioned)
                payload = event_log.encode_event(event)
                row = LoggedEvent(decoded.key, positioned.position, payload)
                log_rows.append((scope.project_id, event.kind.value, event.entity_id, row))
        await write.insert_observations(
            self._clickhouse,
            await self._link_prompts(scope, [observation for observation, _ in observations]),
            [Stamp(now_ms, now_ms)] * len(observations),
            [sender for _, sender in observations],
        )
        await merging.insert_events(self._clickhouse, log_rows, now_ms)
        touched.trace_ids.update(merge.trace_ids_said_by(p.event for d in objects for p in d.events) - buried)
        return touched

    async def _merge_observations(
        self, scope: ProjectScope, touched: _Touched, keys: Sequence[str], price: Pricer
    ) -> None:
        known = await self._all_events(scope, EntityKind.OBSERVATION, touched, keys)
        now_ms = self._now_ms()
        rows = [
            domain_merge.fold_observation(scope.project_id, ObservationId(id_), events, price)
            for id_, events in known.items()
        ]
        rows = await self._link_prompts(scope, rows)
        moved = [time for row in rows for time in merge.moved_times(row, known[row.id])]
        touched.trace_ids.update(row.trace_id for row in rows)
        senders = [touched.senders[EntityKind.OBSERVATION, row.id] for row in rows]
        await write.insert_observations(self._clickhouse, rows, [Stamp(now_ms, now_ms)] * len(rows), senders)
        await merging.insert_moved_observations(self._clickhouse, moved)

    async def _merge_traces(
        self, scope: ProjectScope, touched: _Touched, keys: Sequence[str], live: dict[str, merging.LiveTrace]
    ) -> None:
        trace_ids = sorted(touched.trace_ids)
        known = await self._all_events(scope, EntityKind.TRACE, touched, keys, trace_ids)
        totals = await merging.fetch_trace_totals(self._clickhouse, scope, trace_ids)
        merged = [
            merge.merge_trace(scope, id_, known.get(id_, []), totals.get(id_), live.get(id_), self._now_ms())
            for id_ in trace_ids
            if id_ in known or id_ in totals
        ]
        await write.insert_traces(self._clickhouse, [m.trace for m in merged], [m.stamp for m in merged])
        await merging.insert_trace_list_rows(self._clickhouse, [row for m in merged for row in m.list_rows])

    async def _merge_scores(self, scope: ProjectScope, touched: _Touched, keys: Sequence[str]) -> None:
        known = await self._all_events(scope, EntityKind.SCORE, touched, keys)
        now_ms = self._now_ms()
        rows = [domain_merge.fold_score(scope.project_id, ScoreId(id_), events) for id_, events in known.items()]
        senders = [touched.senders[EntityKind.SCORE, row.id] for row in rows]
        await write.insert_scores(self._clickhouse, rows, [Stamp(now_ms, now_ms)] * len(rows), senders)

    async def _all_events(
        self,
        scope: ProjectScope,
        kind: EntityKind,
        touched: _Touched,
        keys: Sequence[str],
        entity_ids: Sequence[str] | None = None,
    ) -> EventsById:
        """Every event known about the touched entities: this flush's own and those logged by other objects."""
        own = touched.events[kind]
        wanted = sorted(own) if entity_ids is None else entity_ids
        logged = await merging.fetch_events(self._clickhouse, scope, kind, wanted, keys) if wanted else {}
        known: EventsById = {id_: list(events) for id_, events in own.items()}
        for id_, rows in logged.items():
            known.setdefault(id_, []).extend(event_log.decode_event(row.payload) for row in rows)
        return known


def _trace_of(event: EntityEvent) -> str | None:
    trace_id = event.entity_id if event.kind is EntityKind.TRACE else event.explicit.get("trace_id")
    return trace_id if isinstance(trace_id, str) else None


def _mentioned_traces(objects: Iterable[DecodedObject]) -> set[str]:
    found: set[str] = set()
    for decoded in objects:
        found.update(observation.trace_id for observation in decoded.observations)
        found.update(trace_id for p in decoded.events if (trace_id := _trace_of(p.event)) is not None)
    return found
