"""Any history of sends, crashes, replays and deletions ends as the small model says, on the real engine."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.ingestion.flush import Flush
from elasticdash.worker.ingestion.store import ObjectStore
from support import worker
from support.batch import make_event, unpriced
from support.chaos.failing_engine import CrashError, InterruptedEngine, crash
from support.chaos.model import EntityKind, Model, Said
from support.chaos.profile import Profile
from support.clickhouse import new_scope
from support.stored import visible_rows

Result = TypeVar("Result")

STEPS = 5
# Each lives a history of its own in the same run: one statement of the engine serves all of them, so it costs little.
ISLANDS = 10
# A store needs about so many statements: a crash may come before any of them.
STATEMENTS = 14
SENDING_SHARE = 0.8
SPLIT_SHARE = 0.3
STATED_SHARE = 0.6
# The first one of each seed is the shortest there is.
RUNS_PER_SEED = 5
# On a machine that is too busy for more within the profile's time.
LEAST_RUNS = 5
BUDGET_SECONDS = 60.0
DAY_MS = 24 * 3600 * 1000

TYPES = {"trace": "trace-create", "observation": "generation-create", "score": "score-create"}
TEXTS = ("a", "b", "c")
SEEDS = st.integers(0, 2**32).map(random.Random)
A_FEW_RUNS = settings(
    max_examples=RUNS_PER_SEED,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    phases=[Phase.generate],
)


class Machine(RuleBasedStateMachine):
    """One project. `pending` are raw objects that wait to be processed, `done` those that were."""

    def __init__(self, engine: ClickHouse, store_type: type[ObjectStore]) -> None:
        super().__init__()
        self.engine = engine
        self.store_type = store_type
        self.scope: ProjectScope = new_scope()
        self.model = Model()
        self.pending: list[DecodedObject] = []
        self.done: list[DecodedObject] = []
        self.sent: list[Sequence[Said]] = []
        self.time = 0
        self.clock_ms = worker.now_ms()

    @rule(rng=SEEDS)
    def wait(self, rng: random.Random) -> None:
        """Traffic that nobody processes yet."""
        self._send(rng)

    @rule(rng=SEEDS)
    def process(self, rng: random.Random) -> None:
        self._send(rng)
        group = self._some_pending(rng)
        self._wait(lambda: self._store(self.engine, group))
        self._finish(group)

    @rule(rng=SEEDS, statement=st.integers(0, STATEMENTS))
    def crash_while_processing(self, rng: random.Random, statement: int) -> None:
        """The worker dies before some statement; its objects stay pending and are found again."""
        self._send(rng)
        group = self._some_pending(rng)
        try:
            self._wait(lambda: self._store(InterruptedEngine(self.engine, statement, crash), group))
        except CrashError:
            return
        self._finish(group)

    @rule(rng=SEEDS, statement=st.integers(0, STATEMENTS))
    def freeze_while_another_processes(self, rng: random.Random, statement: int) -> None:
        """A worker freezes before some statement, another one stores (perhaps the same), then the first goes on."""
        self._send(rng)
        frozen, other = self._some_pending(rng), self._some_pending(rng)

        async def let_other_store() -> None:
            await self._store(self.engine, other)

        self._wait(lambda: self._store(InterruptedEngine(self.engine, statement, let_other_store), frozen))
        self._finish(frozen)

    @rule(rng=SEEDS, statement=st.integers(0, STATEMENTS))
    def freeze_while_traces_are_deleted(self, rng: random.Random, statement: int) -> None:
        """A worker freezes before some statement, and finds traces deleted when it goes on."""
        self._send(rng)
        frozen, trace_ids = self._some_pending(rng), self._some_traces(rng)

        async def let_them_be_deleted() -> None:
            await deletion.delete_traces(self.engine, self.scope, trace_ids, self.clock_ms)
            self.model.delete(trace_ids)

        self._wait(lambda: self._store(InterruptedEngine(self.engine, statement, let_them_be_deleted), frozen))
        self._finish(frozen)

    @precondition(lambda self: self.done)
    @rule(rng=SEEDS)
    def replay(self, rng: random.Random) -> None:
        """What was processed long ago is processed again."""
        again = rng.sample(self.done, (len(self.done) + 1) // 2)
        self._wait(lambda: self._store(self.engine, again))

    @rule(rng=SEEDS)
    def delete(self, rng: random.Random) -> None:
        self._delete(self._some_traces(rng))

    @rule(rng=SEEDS, statement=st.integers(0, 8))
    def crash_while_deleting(self, rng: random.Random, statement: int) -> None:
        """The deletion is cut off, and asked for again."""
        trace_ids = self._some_traces(rng)
        failing = InterruptedEngine(self.engine, statement, crash)
        with contextlib.suppress(CrashError):
            self._wait(lambda: deletion.delete_traces(failing, self.scope, trace_ids, self.clock_ms))
        self._delete(trace_ids)

    @rule(days=st.integers(-3, 3))
    def jump(self, days: int) -> None:
        """The workers' clock jumps."""
        self.clock_ms += days * DAY_MS

    def teardown(self) -> None:
        group = {decoded.key: decoded for decoded in self.pending}
        self._wait(lambda: self._store(self.engine, list(group.values())))
        assert self._wait(self._visible) == self.model.visible()

    def _send(self, rng: random.Random) -> None:
        """New requests of most islands, and some earlier ones again: in another order, or each event by itself."""
        for island in range(ISLANDS):
            if rng.random() < SENDING_SHARE:
                events = [self._event(rng, island) for _ in range(rng.randint(1, 3))]
                self.sent.append(events)
                self._arrive(events)
        for events in rng.sample(self.sent, len(self.sent) // 4):
            if rng.random() < SPLIT_SHARE:
                for event in events:
                    self._arrive([event])
            else:
                self._arrive(rng.sample(events, len(events)))

    def _delete(self, trace_ids: Sequence[str]) -> None:
        self._wait(lambda: deletion.delete_traces(self.engine, self.scope, trace_ids, self.clock_ms))
        self.model.delete(trace_ids)

    def _event(self, rng: random.Random, island: int) -> Said:
        kind: EntityKind = rng.choice(("trace", "observation", "observation", "score"))
        trace_id = f"t{island}"
        self.time += 1
        id_ = trace_id if kind == "trace" else f"{kind} {rng.randint(1, 2)} of {trace_id}"
        # Some events are said late: their time is before that of earlier ones.
        time = self.time * 1000 - rng.choice((0, 25_500))
        return Said(kind, id_, trace_id, time, _fields(kind, rng))

    def _arrive(self, events: Sequence[Said]) -> None:
        for event in events:
            self.model.send(event)
        self.pending.append(worker.decoded_of(worker.make_batch(self.scope, [_as_sent(event) for event in events])))

    def _some_pending(self, rng: random.Random) -> list[DecodedObject]:
        return rng.sample(self.pending, rng.randint(1, len(self.pending)))

    def _some_traces(self, rng: random.Random) -> list[str]:
        return [f"t{island}" for island in rng.sample(range(ISLANDS), 2)]

    def _finish(self, group: Sequence[DecodedObject]) -> None:
        keys = {decoded.key for decoded in group}
        self.pending = [decoded for decoded in self.pending if decoded.key not in keys]
        self.done += group

    async def _store(self, engine: ClickHouse, group: Sequence[DecodedObject]) -> None:
        store = worker.make_store_at(engine, lambda: self.clock_ms, self.store_type)
        await store.store(group, {self.scope: unpriced})

    async def _visible(self) -> dict[EntityKind, dict[str, dict[str, Any]]]:
        traces = {row["id"]: row for row in await visible_rows(self.engine, self.scope, "traces")}
        listed = await visible_rows(self.engine, self.scope, "traces_by_time")
        observations = await visible_rows(self.engine, self.scope, "observations")
        scores = await visible_rows(self.engine, self.scope, "scores")
        assert len(listed) == len(traces)
        assert len(await visible_rows(self.engine, self.scope, "observations_by_time")) == len(observations)
        return {
            "trace": {row["trace_id"]: _shown_trace(traces[row["trace_id"]], row) for row in listed},
            "observation": {row["id"]: _shown(row, row["trace_id"], row["usage_details"]) for row in observations},
            "score": {row["id"]: _shown(row, row["trace_id"], {}) for row in scores},
        }

    def _wait(self, work: Callable[[], Awaitable[Result]]) -> Result:
        async def waited() -> Result:
            return await work()

        return asyncio.run(waited())


def _fields(kind: EntityKind, rng: random.Random) -> dict[str, Any]:
    if kind == "score":
        return {"name": "quality", "value": rng.randint(0, 3)}
    fields: dict[str, Any] = {"name": rng.choice(TEXTS), "metadata": {rng.choice("xy"): rng.choice(TEXTS)}}
    fields |= {"tags": [rng.choice(TEXTS)]} if kind == "trace" else {"tokens": rng.randint(1, 9)}
    return {name: fields[name] for name in sorted(fields) if rng.random() < STATED_SHARE}


def _as_sent(event: Said) -> dict[str, Any]:
    fields = dict(event.fields)
    if "tokens" in fields:
        fields["usageDetails"] = {"total": fields.pop("tokens")}
    body = (
        {"id": event.id, **fields} if event.kind == "trace" else {"id": event.id, "traceId": event.trace_id, **fields}
    )
    return make_event(TYPES[event.kind], event.time / 1000, body)


def _shown(row: dict[str, Any], trace_id: str, usage: dict[str, int]) -> dict[str, Any]:
    fields = {name: row[name] for name in ("name", "metadata", "tags", "value") if row.get(name)}
    if row.get("value") == 0:
        fields["value"] = 0
    return {"trace_id": trace_id, **fields, **({"tokens": usage["total"]} if usage else {})}


def _shown_trace(row: dict[str, Any], listed: dict[str, Any]) -> dict[str, Any]:
    totals = {"observation_count": listed["observation_count"], "tokens": listed["total_tokens"]}
    return {**_shown(row, row["id"], {}), **totals}


class ForgetfulStore(ObjectStore):
    """Folds what it was just given, without what was known before."""

    async def _known(self, flush: Flush, kind: Any, entity_ids: Sequence[str]) -> Any:  # noqa: ARG002 as its base
        return flush.known(kind, {})


def run(engine: ClickHouse, store_type: type[ObjectStore], runs: int, budget_seconds: float) -> int:
    """How many runs there were: as many as were asked for, fewer once the time is over. The same ones every time."""
    ends = time.monotonic() + budget_seconds
    for done in range(0, runs, RUNS_PER_SEED):
        if time.monotonic() > ends:
            return done
        machine = seed(done)(lambda: Machine(engine, store_type))
        run_state_machine_as_test(cast(type[RuleBasedStateMachine], machine), settings=A_FEW_RUNS)
    return runs


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_any_history_ends_as_the_model_says(clickhouse: ClickHouse, profile: Profile):
    done = run(clickhouse, ObjectStore, profile.state_machine_runs, profile.state_machine_seconds)

    assert done >= LEAST_RUNS


@pytest.mark.slow
def test_a_store_that_forgets_is_reported(clickhouse: ClickHouse):
    with pytest.raises(AssertionError):
        run(clickhouse, ForgetfulStore, 4, BUDGET_SECONDS)
