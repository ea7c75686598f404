"""Announces each settled trace once, and again when something was added and it settled again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from elasticdash.shared.clickhouse import settled_traces
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.settled_traces import SettledTrace, Try, Window
from elasticdash.shared.postgres.leader_lock import LeaderLock
from elasticdash.shared.telemetry import logs, metrics
from elasticdash.worker.settled.delivery import Delivery

log = structlog.get_logger()

_PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class AnnouncerLimits:
    """When a trace is settled, and what one round may do.

    Traces that changed within `recent` are looked at in every round; all since `look_back`, every `full_look`.
    """

    idle: timedelta = timedelta(seconds=60)
    max_attempts: int = 5
    pauses: Sequence[timedelta] = _PAUSES
    interval: timedelta = timedelta(seconds=5)
    recent: timedelta = timedelta(minutes=10)
    full_look: timedelta = timedelta(minutes=5)
    look_back: timedelta = timedelta(days=1)
    max_per_round: int = 50
    max_at_once: int = 10


class Announcer:
    """Runs beside the upkeep, on the worker that leads; what was announced is known to its successor.

    A kill between an answer and its record, or a change of leaders within a round, announces a trace twice.
    """

    def __init__(
        self, clickhouse: ClickHouse, delivery: Delivery, now: Callable[[], datetime], limits: AnnouncerLimits
    ) -> None:
        self._clickhouse = clickhouse
        self._delivery = delivery
        self._now = now
        self._limits = limits
        self._last_full_look: datetime | None = None

    async def run(self, leader: LeaderLock) -> None:
        """Announce until cancelled; one failure never stops the next round."""
        while True:
            is_behind = await leader.is_held() and await self._surviving_round()
            if not is_behind:
                await asyncio.sleep(self._limits.interval.total_seconds())

    async def announce_due(self) -> int:
        """One round; returns how many traces were posted, with or without success."""
        now = self._now()
        last = self._last_full_look
        is_full = last is None or now - last >= self._limits.full_look
        reach = self._limits.look_back if is_full else self._limits.recent + self._limits.idle
        window = Window(_ms(now - reach), _ms(now - self._limits.idle), _ms(now))
        due = await settled_traces.fetch_due(self._clickhouse, window, self._limits.max_per_round)
        at_once = self._limits.max_at_once
        for start in range(0, len(due), at_once):
            tries = await asyncio.gather(*(self._try(trace) for trace in due[start : start + at_once]))
            await settled_traces.insert_tries(self._clickhouse, tries)
        if is_full and len(due) < self._limits.max_per_round:
            self._last_full_look = now
        return len(due)

    async def close(self) -> None:
        """Close the connections to the receiver."""
        await self._delivery.close()

    async def _surviving_round(self) -> bool:
        """Whether there may be more to announce at once."""
        try:
            return await self.announce_due() == self._limits.max_per_round
        except Exception as error:  # noqa: BLE001 the next round may succeed
            log.error("settled_round_failed", **logs.describe_error(error))
            return False

    async def _try(self, trace: SettledTrace) -> Try:
        problem = await self._delivery.post(trace)
        attempt = trace.attempts + 1
        is_given_up = problem is not None and attempt >= self._limits.max_attempts
        if problem is None:
            metrics.SETTLED_TRACES.labels("announced").inc()
        else:
            metrics.SETTLED_TRACES.labels("given_up" if is_given_up else "failed").inc()
            say = log.error if is_given_up else log.warning
            say(
                "settled_trace_given_up" if is_given_up else "settled_trace_not_announced",
                project_id=trace.project_id,
                trace_id=trace.trace_id,
                attempt=attempt,
                problem=problem,
            )
        now = self._now()
        pause = self._limits.pauses[min(attempt, len(self._limits.pauses)) - 1]
        return Try(trace, problem is None or is_given_up, _ms(now), _ms(now + pause))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
