"""A web or worker with one deliberate bug, so that the judge can be seen to catch it. No option of the product.

`python -m support.chaos.broken web|worker BUG` runs the product's own services on stores of which one part is broken.
"""

import asyncio
import contextlib
import dataclasses
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import clickhouse_connect
from redis.exceptions import ResponseError

from elasticdash.shared import errors
from elasticdash.shared.backlog import BacklogWatch
from elasticdash.shared.lifecycle import Lifecycle
from elasticdash.shared.queue.lanes import GROUP, Lane
from elasticdash.shared.queue.stream_broker import StreamBroker
from elasticdash.shared.settings import model
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.shared.settings.model import Settings
from elasticdash.standalone import distributed, server, serving, web_service, worker_service
from elasticdash.standalone.stores import Stores
from elasticdash.web.admission.gate import Gate
from elasticdash.web.app import create_app

# Long enough for a kill in between.
LATE_SECONDS = 1.5
_MARKS = "processed_batches"
_SAME_TOKEN = {"insert_deduplication_token": "constant"}
_later: set[asyncio.Task[None]] = set()


def sweeper_off(stores: Stores) -> Stores:
    """The sweeper finds no raw object."""
    return dataclasses.replace(stores, blobs=_Unlisted(stores.blobs))


def acknowledged_before_the_raw_object(stores: Stores) -> Stores:
    """A put returns before the object is stored."""
    return dataclasses.replace(stores, blobs=_Early(stores.blobs))


def constant_deduplication_token(stores: Stores) -> Stores:
    """Every insert of observations has the same token: the engine discards all but the first."""
    settings = ClickHouseSettings()
    address = urlsplit(settings.url or "")
    client = cast(Any, clickhouse_connect).get_client(
        host=address.hostname or "",
        port=address.port or 0,
        username=settings.user,
        password=settings.password.get_secret_value(),
        autogenerate_session_id=False,
    )
    return dataclasses.replace(stores, clickhouse=_ConstantToken(stores.clickhouse, client))


def done_before_insert(stores: Stores) -> Stores:
    """Rows are inserted a while after they were reported as inserted; the completion mark comes at once."""
    return dataclasses.replace(stores, clickhouse=_LateInsert(stores.clickhouse))


def group_from_now_on(stores: Stores) -> Stores:
    """The group begins at `$`, where a stock broker's does: entries from before it was made are skipped. No sweeper."""
    broker: Any = stores.broker
    broker.streams.create_groups = lambda: _create_groups_from_now_on(broker)
    return sweeper_off(stores)


async def _create_groups_from_now_on(broker: StreamBroker) -> None:
    for lane in Lane:
        with contextlib.suppress(ResponseError):
            await broker.redis.xgroup_create(broker.keys.stream(lane), GROUP, id="$", mkstream=True)


BUGS: Mapping[str, Callable[[Stores], Stores]] = {
    bug.__name__: bug
    for bug in (
        sweeper_off,
        acknowledged_before_the_raw_object,
        constant_deduplication_token,
        done_before_insert,
        group_from_now_on,
    )
}


class _Wrapped:
    """Passes every other call to the real part."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Unlisted(_Wrapped):
    async def list_keys(self, *_: Any, **__: Any) -> list[str]:
        return []

    async def list_folders(self, *_: Any) -> list[str]:
        return []


class _Early(_Wrapped):
    async def put(self, key: str, body: bytes) -> None:
        _run_later(lambda: self._real.put(key, body), 0.0)


class _ConstantToken(_Wrapped):
    def __init__(self, real: Any, client: Any) -> None:
        super().__init__(real)
        self._client = client

    async def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        if table != "observations":
            await self._real.insert(table, columns, data)
            return
        arguments = {"column_names": list(columns), "column_oriented": True, "settings": _SAME_TOKEN}
        await asyncio.to_thread(self._client.insert, table, list(data), **arguments)


class _LateInsert(_Wrapped):
    async def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        if table == _MARKS:
            await self._real.insert(table, columns, data)
        else:
            _run_later(lambda: self._real.insert(table, columns, data), LATE_SECONDS)


def _run_later(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    async def run() -> None:
        await asyncio.sleep(seconds)
        with contextlib.suppress(errors.ElasticDashError):
            await work()

    task = asyncio.create_task(run())
    # asyncio itself keeps only weak references.
    _later.add(task)
    task.add_done_callback(_later.discard)


def program(command: str, bug: str) -> Sequence[str]:
    """How to run `web` or `worker` with a bug."""
    return [sys.executable, "-m", "support.chaos.broken", command, bug]


async def _web(settings: Settings, bug: Callable[[Stores], Stores]) -> None:
    bound = server.listen(settings.process.host, settings.process.web_port, "")
    async with distributed.opened_stores(settings) as shared:
        await distributed.provision(shared.stores, settings.init)
        async with web_service.opened(bug(shared.stores), settings, Gate()) as services:
            app = create_app(services, serving.request_rules(settings))
            await server.serve(app, bound, serving.rules(settings, 0), services.lifecycle)


async def _worker(settings: Settings, bug: Callable[[Stores], Stores]) -> None:
    lifecycle = Lifecycle()
    async with distributed.opened_stores(settings) as shared:
        watch = BacklogWatch(shared.backlog)
        async with (
            serving.worker_health_beside(settings, watch, lambda: shared.problem(lifecycle)),
            worker_service.opened(bug(shared.stores), settings) as running,
        ):
            await running.start()
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run({"web": _web, "worker": _worker}[sys.argv[1]](model.for_shared_stores(), BUGS[sys.argv[2]]))
