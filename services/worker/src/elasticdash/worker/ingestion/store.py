"""Stores decoded objects: appends their events, folds what they touch, writes the rows, marks them done."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from elasticdash.shared.clickhouse import deletion, merging, observation_times, write
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.merging import LoggedEvent
from elasticdash.shared.clickhouse.write import Stamp
from elasticdash.shared.domain import merge as domain_merge
from elasticdash.shared.domain.events import EntityKind
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ObservationId, ScoreId
from elasticdash.shared.schemas import event_log
from elasticdash.worker.ingestion import merge
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.ingestion.flush import Flush, Known

Item = TypeVar("Item")
# A few milliseconds of folding.
_ITEMS_PER_TURN = 64

LinkPrompts = Callable[[ProjectScope, Sequence[Observation]], Awaitable[Sequence[Observation]]]
NoteExperiments = Callable[[ProjectScope, Sequence[Observation]], Awaitable[None]]


class ObjectStore:
    """Writes decoded objects to ClickHouse. Doing it again with the same objects changes nothing.

    Any number of stores may write at the same time: each appends its statements before it reads those of all, and
    writes trace rows before it reads which versions there are, so the last one to do so has seen everything.
    """

    def __init__(
        self,
        clickhouse: ClickHouse,
        link_prompts: LinkPrompts,
        note_experiments: NoteExperiments,
        now_ms: Callable[[], int],
    ) -> None:
        self._clickhouse = clickhouse
        self._link_prompts = link_prompts
        self._note_experiments = note_experiments
        self._now_ms = now_ms

    async def store(self, objects: Sequence[DecodedObject], prices: dict[ProjectScope, Pricer]) -> None:
        """All rows of these objects, then their completion marks. Raises what the first failing insert raises."""
        await self.store_rows(objects, prices)
        await self.mark_done([decoded.key for decoded in objects])

    async def store_rows(self, objects: Sequence[DecodedObject], prices: dict[ProjectScope, Pricer]) -> None:
        """All rows of these objects or parts of objects. Raises what the first failing insert raises."""
        by_project: dict[ProjectScope, list[DecodedObject]] = defaultdict(list)
        for decoded in objects:
            by_project[decoded.scope].append(decoded)
        for scope, group in by_project.items():
            await self._store_project(Flush(scope, group), prices[scope])

    async def forget(self, part: DecodedObject) -> None:
        """Take the statements of a refused part back out of the event log, where they would spoil every later fold."""
        positions = [row.position for row in part.events]
        await merging.delete_events(self._clickhouse, part.scope, part.key, positions)

    async def mark_done(self, keys: Sequence[str]) -> None:
        """Tell the sweeper that these raw objects need no more work."""
        await merging.insert_processed_batches(self._clickhouse, keys, self._now_ms())

    async def _store_project(self, flush: Flush, price: Pricer) -> None:
        await self._look_up(flush, flush.mentioned)
        await self._see_minutes(flush)
        await self._append_observations(flush)
        await self._append_events(flush)
        await self._merge_observations(flush, price)
        await self._merge_scores(flush)
        await self._leave_minutes(flush)
        await self._merge_traces(flush)

    async def _look_up(self, flush: Flush, trace_ids: set[str]) -> None:
        unknown = sorted(trace_ids - flush.looked_up)
        if unknown:
            flush.looked_up.update(unknown)
            flush.live |= await merging.fetch_live_traces(self._clickhouse, flush.scope, unknown)

    async def _see_minutes(self, flush: Flush) -> None:
        """Note at which minutes complete observations start, stored ones too: a merge drops what is replaced."""
        flush.see_own_minutes()
        known = [place for place in flush.minutes_us if place[0] in flush.live]
        for place, stored in (await observation_times.fetch_versions(self._clickhouse, flush.scope, known)).items():
            if place in flush.minutes_us:
                flush.minutes_us[place] |= stored.minutes_us

    async def _leave_minutes(self, flush: Flush) -> None:
        """Take observations that came with several starts away from every minute but that of the one that won."""
        scope, seen_us = flush.scope, flush.minutes_us
        moved = [place for place, minutes_us in seen_us.items() if len(minutes_us) > 1]
        stored = await observation_times.fetch_versions(self._clickhouse, scope, moved)
        # Most traces are written once: asking for them by the thousand costs a tenth of asking for observations.
        rewritten = await observation_times.fetch_rewritten_traces(
            self._clickhouse, scope, {trace_id for trace_id, _ in seen_us}, flush.written_ms
        )
        others = [place for place in seen_us.keys() - moved if place[0] in rewritten]
        stored |= await observation_times.fetch_versions(
            self._clickhouse, scope, others, except_written_ms=flush.written_ms
        )
        await observation_times.insert_moved(self._clickhouse, observation_times.left_minutes(scope, stored, seen_us))

    async def _append_observations(self, flush: Flush) -> None:
        now_ms = flush.written_ms = self._now_ms()
        rows = [
            row
            for decoded in flush.objects
            for row in decoded.observations
            if not flush.is_buried(row.observation.trace_id)
        ]
        flush.touched.update(row.observation.trace_id for row in rows)
        await write.insert_observations(
            self._clickhouse,
            await self._link_prompts(flush.scope, [row.observation for row in rows]),
            [Stamp(row.sent.received_ms, now_ms) for row in rows],
            [row.sent.sender for row in rows],
        )
        await self._note_experiments(flush.scope, [row.observation for row in rows])

    async def _append_events(self, flush: Flush) -> None:
        """Append to the event log; events of deleted traces are dropped here."""
        log_rows: list[tuple[str, str, str, LoggedEvent]] = []
        async for key, row in _yielding((decoded.key, row) for decoded in flush.objects for row in decoded.events):
            event = row.event
            if any(flush.is_buried(trace_id) for trace_id in merge.mentioned_traces([event])):
                continue
            flush.add(key, row)
            flush.touched |= merge.trace_ids_said_by([event])
            logged = LoggedEvent(key, row.position, event_log.encode_event(event), row.sent.received_ms)
            log_rows.append((flush.scope.project_id, event.kind.value, event.entity_id, logged))
        await merging.insert_events(self._clickhouse, log_rows)

    async def _merge_observations(self, flush: Flush, price: Pricer) -> None:
        if not flush.own[EntityKind.OBSERVATION]:
            return
        known = await self._known(flush, EntityKind.OBSERVATION, sorted(flush.own[EntityKind.OBSERVATION]))
        project_id = flush.scope.project_id
        folded = [
            domain_merge.fold_observation(project_id, ObservationId(id_), of_it.events, price)
            async for id_, of_it in _yielding(known.items())
        ]
        await self._look_up(flush, {row.trace_id for row in folded})
        rows = [row for row in folded if not flush.is_buried(row.trace_id)]
        rows = await self._link_prompts(flush.scope, await self._with_foreign_texts(flush.scope, rows, known))
        left = [gone for row in rows for gone in merge.left_traces(row, known[row.id].events)]
        left = [row for row in left if not flush.is_buried(row.trace_id)]
        await self._look_up(flush, {row.trace_id for row in left})
        flush.touched.update(row.trace_id for row in (*rows, *left))
        moved = [time for row in (*rows, *left) for time in merge.moved_times(row, known[row.id].events)]
        now_ms = self._now_ms()
        stamps = [
            Stamp(known[row.id].first_received_ms, now_ms, is_deleted)
            for some, is_deleted in ((rows, False), (left, True))
            for row in some
        ]
        senders = [flush.sent_last(EntityKind.OBSERVATION, row.id).sender for row in (*rows, *left)]
        await write.insert_observations(self._clickhouse, [*rows, *left], stamps, senders)
        await observation_times.insert_moved(self._clickhouse, moved)

    async def _with_foreign_texts(
        self, scope: ProjectScope, rows: Sequence[Observation], known: dict[str, Known]
    ) -> Sequence[Observation]:
        """What the Backend wrote into empty inputs and outputs of observations that were stored before."""
        places = [(row.trace_id, row.id) for row in rows if merge.lacks_text(row) and not known[row.id].is_new]
        if not places:
            return rows
        live = await merging.fetch_live_texts(self._clickhouse, scope, places)
        return [
            merge.with_foreign_texts(row, live[place], known[row.id].events)
            if (place := (row.trace_id, row.id)) in live
            else row
            for row in rows
        ]

    async def _merge_scores(self, flush: Flush) -> None:
        if not flush.own[EntityKind.SCORE]:
            return
        known = await self._known(flush, EntityKind.SCORE, sorted(flush.own[EntityKind.SCORE]))
        now_ms = self._now_ms()
        rows = [
            domain_merge.fold_score(flush.scope.project_id, ScoreId(id_), of_it.events)
            async for id_, of_it in _yielding(known.items())
        ]
        stamps = [Stamp(known[row.id].first_received_ms, now_ms) for row in rows]
        senders = [flush.sent_last(EntityKind.SCORE, row.id).sender for row in rows]
        await write.insert_scores(self._clickhouse, rows, stamps, senders)

    async def _merge_traces(self, flush: Flush) -> None:
        """Fold and store the touched traces; a trace deleted since the flush began is deleted once more."""
        scope, now_ms = flush.scope, self._now_ms()
        trace_ids = sorted(flush.touched)
        known = await self._known(flush, EntityKind.TRACE, trace_ids)
        totals = await merging.fetch_trace_totals(self._clickhouse, scope, trace_ids)
        merged = [
            merge.merge_trace(
                scope, id_, known[id_].events if id_ in known else (), totals.get(id_), flush.live.get(id_), now_ms
            )
            async for id_ in _yielding(trace_ids)
            if id_ in known or id_ in totals
        ]
        await write.insert_traces(self._clickhouse, [m.trace for m in merged], [m.stamp for m in merged])
        await self._list_traces(flush, {m.trace.id: m for m in merged})

    async def _list_traces(self, flush: Flush, merged: dict[str, merge.MergedTrace]) -> None:
        written = sorted(merged.keys() | flush.looked_up)
        versions = await merging.fetch_trace_versions(self._clickhouse, flush.scope, written)
        rows = [row for id_, m in merged.items() for row in merge.list_rows(m, versions[id_])]
        await merging.insert_trace_list_rows(self._clickhouse, rows)
        deleted = [
            id_
            for id_, stored in versions.items()
            if stored.revision == merging.TOMBSTONE_REVISION and not flush.is_buried(id_)
        ]
        if deleted:
            await deletion.delete_traces(self._clickhouse, flush.scope, deleted, self._now_ms())

    async def _known(self, flush: Flush, kind: EntityKind, entity_ids: Sequence[str]) -> dict[str, Known]:
        """Every statement about these entities: this flush's own and those logged by other objects."""
        logged = await merging.fetch_events(self._clickhouse, flush.scope, kind, entity_ids, flush.keys)
        return flush.known(
            kind,
            {
                id_: [(row, event_log.decode_event(row.payload)) for row in rows]
                async for id_, rows in _yielding(logged.items())
            },
        )


async def _yielding(items: Iterable[Item]) -> AsyncIterator[Item]:
    """The items. Others get a turn in between: where web runs in the same loop, requests wait meanwhile."""
    for number, item in enumerate(items, 1):
        yield item
        if number % _ITEMS_PER_TURN == 0:
            await asyncio.sleep(0)
