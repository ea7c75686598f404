"""A taskiq broker over Redis streams that loses nothing to crashes, restarts, deployments and lost connections."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import structlog
from pydantic import ConfigDict
from taskiq import AsyncBroker
from taskiq.acks import AckableMessage
from taskiq.message import BrokerMessage, TaskiqMessage

from elasticdash.shared import errors, ids
from elasticdash.shared.queue import cancelling, connection
from elasticdash.shared.queue.acknowledger import Acknowledger
from elasticdash.shared.queue.connection import UNREACHABLE, RedisConfig
from elasticdash.shared.queue.entries import DATA, Entry
from elasticdash.shared.queue.held import HeldEntries
from elasticdash.shared.queue.lanes import Lane, QueueKeys
from elasticdash.shared.queue.limits import QueueLimits
from elasticdash.shared.queue.reader import Job, Reader, Tasks
from elasticdash.shared.queue.streams import Streams

log = structlog.get_logger()

LANE_LABEL = "lane"


class Delivery(AckableMessage):
    """A message with the job it stands for."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    job: Job


class StreamBroker(AsyncBroker):
    """Enqueues without further ado; a consumer calls `startup` before it listens and `hand_back` after it.

    `listen` gives messages that must be acknowledged by hand: what isn't stays this worker's, is renewed, and is handed
    back at the end.
    """

    def __init__(self, config: RedisConfig, keys: QueueKeys, limits: QueueLimits) -> None:
        super().__init__()
        self.keys = keys
        self.limits = limits
        self.sending = connection.connect(config, limits.enqueue_timeout_seconds)
        self.redis = connection.connect(config, limits.command_timeout_seconds + limits.wait_seconds)
        # Pod or host, and process; a restarted container is another consumer, as its predecessor may hold entries.
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{ids.new_id()[:8]}"
        self.streams = Streams(self.redis, keys, self.consumer)
        self.held = HeldEntries(limits.max_in_flight)
        self._reader = Reader(self.streams, self.held, Tasks(self._parse, self._knows), limits)
        self._stopping = asyncio.Event()
        self._unfit: str | None = None
        self._acknowledger: Acknowledger | None = None
        self._tending: Sequence[asyncio.Task[None]] = ()

    @property
    def problem(self) -> str | None:
        """Why nothing can be read, or what is read may be thrown away; None while all is well."""
        return self._reader.problem or self._unfit

    async def startup(self) -> None:
        """Get ready to listen. ConfigurationError when the server would throw work away; one that is away may come."""
        await super().startup()
        try:
            await connection.check_server(self.redis)
            await self.streams.create_groups()
        except UNREACHABLE as error:
            log.warning("queue_unavailable_at_start", error=type(error).__name__)
        self._acknowledger = Acknowledger(self.streams.acknowledge)
        self._tending = (
            asyncio.create_task(_repeating(self._renew, self.limits.renew_interval_seconds)),
            asyncio.create_task(_repeating(self._tidy, self.limits.upkeep_interval_seconds)),
        )

    async def kick(self, message: BrokerMessage) -> None:
        """Add a message to its lane; raises what the client raises."""
        stream = self.keys.stream(Lane(message.labels.get(LANE_LABEL, Lane.MAIN)))
        await self.sending.xadd(stream, {DATA: message.message})

    async def listen(self) -> AsyncGenerator[Delivery, None]:
        """Deliveries until `stop_listening`; those not settled yet are never more than `max_in_flight`."""
        while not self._stopping.is_set():
            for job in await self._reader.next_jobs():
                if self._stopping.is_set():
                    return
                yield Delivery(data=job.entry.fields[DATA], ack=lambda job=job: self.acknowledge(job.entry), job=job)

    def stop_listening(self) -> None:
        """Let `listen` end; what it has read and not given out is handed back."""
        self._stopping.set()

    async def acknowledge(self, entry: Entry) -> None:
        """Returns once the entry is forgotten: its work is done."""
        if self._acknowledger is None:
            raise errors.UnavailableError("The queue is not listening")
        await self._acknowledger.acknowledge(entry)
        self.held.drop([entry])

    async def give_up(self, entry: Entry, reason: str, attempts: int) -> None:
        """Move an entry to the dead letters; when the server is away it will be delivered once more."""
        self.held.drop([entry])
        try:
            await self.streams.bury(entry, reason, attempts)
        except UNREACHABLE as error:
            log.warning("give_up_failed", entry=entry.id, error=type(error).__name__)

    async def hand_back(self) -> None:
        """Put what is held back into its lanes and leave the group; when the server is away, others claim it later."""
        await cancelling.end(self._tending)
        if self._acknowledger:
            await self._acknowledger.close()
            self._acknowledger = None
            await self._leave()

    async def shutdown(self) -> None:
        """Hand back, and close the connections."""
        await self.hand_back()
        await super().shutdown()
        await self.sending.aclose()
        await self.redis.aclose()

    async def _leave(self) -> None:
        held = {(entry.lane, entry.id): entry for entry in self.held.all()}
        self.held.drop(held.values())
        try:
            for lane in Lane:
                held = {(entry.lane, entry.id): entry for entry in await self.streams.own(lane)} | held
            await self._put_back(list(held.values()))
            await self.streams.leave()
        except UNREACHABLE as error:
            log.warning("hand_back_failed", entries=len(held), error=type(error).__name__)

    async def _put_back(self, entries: Sequence[Entry]) -> None:
        # Nobody failed: this delivery is not an attempt.
        attempts = {entry: entry.attempts - 1 for entry in entries}
        try:
            if attempts:
                await self.streams.hand_back(attempts)
        except connection.REFUSED:
            await self.streams.release(entries, int(self.limits.reclaim_after_seconds * 1000))

    async def _renew(self) -> None:
        held = self.held.all()
        kept = set(await self.streams.keep(held))
        # Somebody else works on these now; finishing them here too does no harm.
        self.held.drop(entry for entry in held if entry not in kept)

    async def _tidy(self) -> None:
        try:
            await connection.check_server(self.redis)
            self._unfit = None
        except errors.ConfigurationError as error:
            self._unfit = str(error)
            log.error("queue_server_unfit", error=self._unfit)
        await self.streams.remove_ghosts(int(self.limits.ghost_after_seconds * 1000))
        await self.streams.trim()

    def _parse(self, data: bytes) -> TaskiqMessage:
        message = self.formatter.loads(data)
        message.parse_labels()
        return message

    def _knows(self, task_name: str) -> bool:
        return self.find_task(task_name) is not None


async def _repeating(run: Callable[[], Awaitable[None]], interval_seconds: float) -> None:
    while True:
        await asyncio.sleep(interval_seconds)
        try:
            await run()
        except Exception as error:  # noqa: BLE001 whatever it is, entries that are not renewed go to another worker
            log.warning("queue_tending_failed", error=type(error).__name__)
