"""The settled webhook: each settling of a trace is posted once, signed, to an address that may be posted to."""

import asyncio
import hashlib
import hmac
import ipaddress
import itertools
import secrets
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres.leader_lock import LeaderLock
from elasticdash.shared.settings.settled_webhook import SettledWebhookSettings
from elasticdash.standalone import worker_service
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.settled import delivery
from elasticdash.worker.settled.addresses import Network
from elasticdash.worker.settled.announcer import Announcer, AnnouncerLimits
from elasticdash.worker.settled.delivery import Delivery
from support import metadata
from support.batch import unpriced
from support.otlp import make_span
from support.queue import until
from support.receiver import Receiver, running_receiver
from support.worker import decoded_of, make_export, make_store_at

pytestmark = pytest.mark.both_engines
SECRET = "whsec of the tests"
DEFAULTS = AnnouncerLimits()
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
# Each test has days of its own, far from those of tests that store traces now.
_days = itertools.count(1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2040, 1, 1, tzinfo=UTC) + timedelta(days=10 * next(_days))

    def __call__(self) -> datetime:
        return self.now

    def ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
async def announcer(clickhouse: ClickHouse, receiver: Receiver, clock: Clock) -> AsyncGenerator[Announcer]:
    async with announcing(clickhouse, clock, receiver.url) as opened:
        yield opened


@asynccontextmanager
async def announcing(
    clickhouse: ClickHouse,
    clock: Callable[[], datetime],
    url: str,
    limits: AnnouncerLimits = DEFAULTS,
    allowed: Sequence[Network] = LOOPBACK,
) -> AsyncGenerator[Announcer]:
    to = delivery.Receiver(url, SECRET, allowed_networks=allowed)
    announcer = Announcer(clickhouse, Delivery(to, clock), clock, limits)
    yield announcer
    await announcer.close()


def span_of(scope: ProjectScope, trace_id: str) -> DecodedObject:
    return decoded_of(make_export(scope, make_span({}, traceId=trace_id, spanId=secrets.token_hex(8))))


async def store(clickhouse: ClickHouse, clock: Clock, decoded: DecodedObject) -> None:
    await make_store_at(clickhouse, clock.ms).store([decoded], {decoded.scope: unpriced})


async def add_span(clickhouse: ClickHouse, clock: Clock, scope: ProjectScope, trace_id: str | None = None) -> str:
    trace_id = trace_id or secrets.token_hex(16)
    await store(clickhouse, clock, span_of(scope, trace_id))
    return trace_id


async def test_a_private_address_is_refused(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope
):
    await add_span(clickhouse, clock, scope)
    clock.pass_(seconds=61)

    async with announcing(clickhouse, clock, receiver.url, allowed=()) as announcer:
        tried = await announcer.announce_due()

    assert (tried, receiver.posted) == (1, [])


def test_nothing_runs_without_a_url(clickhouse: ClickHouse):
    assert worker_service.announcer_of(clickhouse, SettledWebhookSettings()) is None


async def test_a_trace_is_announced_once_when_it_is_idle(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope, announcer: Announcer
):
    trace_id = await add_span(clickhouse, clock, scope)
    clock.pass_(seconds=59)
    too_early = await announcer.announce_due()
    clock.pass_(seconds=2)

    rounds = [await announcer.announce_due() for _ in range(2)]
    async with announcing(clickhouse, clock, receiver.url) as restarted:
        rounds.append(await restarted.announce_due())

    assert (too_early, rounds, receiver.trace_ids) == (0, [1, 0, 0], [trace_id])


async def test_what_is_posted_is_signed(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope, announcer: Announcer
):
    trace_id = await add_span(clickhouse, clock, scope)
    updated = clock.now
    clock.pass_(seconds=61)

    await announcer.announce_due()

    [posted] = receiver.posted
    said = posted.json
    assert said.pop("id").startswith(f"{trace_id}:")
    assert datetime.fromisoformat(said.pop("timestamp")) == updated
    assert said == {"type": "trace.settled", "trace_id": trace_id, "project_id": scope.project_id}
    seconds = int(clock.now.timestamp())
    expected = hmac.new(SECRET.encode(), f"{seconds}.{posted.body.decode()}".encode(), hashlib.sha256).hexdigest()
    assert posted.headers["x-elasticdash-signature"] == f"t={seconds},v1={expected}"
    assert posted.headers["content-type"] == "application/json"


async def test_a_late_event_lets_a_trace_settle_again(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope, announcer: Announcer
):
    trace_id = await add_span(clickhouse, clock, scope)
    clock.pass_(seconds=61)
    await announcer.announce_due()
    await add_span(clickhouse, clock, scope, trace_id)
    at_once = await announcer.announce_due()
    clock.pass_(seconds=61)

    rounds = [await announcer.announce_due() for _ in range(2)]

    assert (at_once, rounds, receiver.trace_ids) == (0, [1, 0], [trace_id, trace_id])
    assert len({each.json["id"] for each in receiver.posted}) == 2


async def test_the_same_events_again_are_no_news(
    clickhouse: ClickHouse, clock: Clock, scope: ProjectScope, announcer: Announcer
):
    decoded = span_of(scope, secrets.token_hex(16))
    await store(clickhouse, clock, decoded)
    clock.pass_(seconds=61)
    await announcer.announce_due()

    await store(clickhouse, clock, decoded)
    clock.pass_(seconds=61)

    assert await announcer.announce_due() == 0


async def test_a_deleted_trace_is_not_announced(
    clickhouse: ClickHouse, clock: Clock, scope: ProjectScope, announcer: Announcer
):
    trace_id = await add_span(clickhouse, clock, scope)
    await deletion.delete_traces(clickhouse, scope, [trace_id], clock.ms())
    clock.pass_(seconds=61)

    assert await announcer.announce_due() == 0


@pytest.mark.parametrize("status", [302, 500])
async def test_a_failure_is_tried_again_and_stops_no_other(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope, announcer: Announcer, status: int
):
    failing = await add_span(clickhouse, clock, scope)
    receiver.statuses[failing] = status
    clock.pass_(seconds=1)
    other = await add_span(clickhouse, clock, scope)
    clock.pass_(seconds=61)

    first = await announcer.announce_due()
    too_early = await announcer.announce_due()
    clock.pass_(seconds=11)
    receiver.statuses.clear()
    later = [await announcer.announce_due() for _ in range(2)]

    assert (first, too_early, later) == (2, 0, [1, 0])
    assert sorted(receiver.trace_ids) == sorted([failing, failing, other])
    assert receiver.trace_ids[-1] == failing


async def test_a_receiver_that_always_fails_is_given_up_after_five_tries(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope, announcer: Announcer
):
    receiver.statuses[await add_span(clickhouse, clock, scope)] = 500
    clock.pass_(seconds=61)

    rounds: list[int] = []
    for _ in range(7):
        rounds.append(await announcer.announce_due())
        clock.pass_(minutes=31)

    assert rounds == [1, 1, 1, 1, 1, 0, 0]


async def test_a_round_is_bounded_and_the_oldest_come_first(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope
):
    stored: list[str] = []
    for _ in range(3):
        stored.append(await add_span(clickhouse, clock, scope))
        clock.pass_(seconds=1)
    clock.pass_(seconds=61)

    limits = AnnouncerLimits(max_per_round=2, max_at_once=1)
    async with announcing(clickhouse, clock, receiver.url, limits) as announcer:
        rounds = [await announcer.announce_due() for _ in range(3)]

    assert (rounds, receiver.trace_ids) == ([2, 1, 0], stored)


async def test_a_worker_that_leads_announces_by_itself(
    clickhouse: ClickHouse, clock: Clock, receiver: Receiver, scope: ProjectScope, tmp_path: Path, announcer: Announcer
):
    trace_id = await add_span(clickhouse, clock, scope)
    clock.pass_(seconds=61)

    async with metadata.opened(tmp_path) as database:
        running = asyncio.create_task(announcer.run(LeaderLock(database)))
        try:
            await until(lambda: _is_posted(receiver), "posted")
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    assert receiver.trace_ids == [trace_id]


async def _is_posted(receiver: Receiver) -> bool:
    return bool(receiver.posted)
