"""The only way to ClickHouse: pooled handles, scoped reads, column inserts, errors in our own words.

`chdb:///folder` runs the engine in this process; `http(s)://user:password@host:port/database` reaches a server. The
rest is the same for both.
"""

import asyncio
import importlib
import logging
import queue
import sys
import threading
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NoReturn, Protocol, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import clickhouse_connect
from clickhouse_connect import common
from clickhouse_connect.driver import httputil, options
from clickhouse_connect.driver.exceptions import ClickHouseError, DataError, ProgrammingError

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import failures
from elasticdash.shared.clickhouse.query import ProjectDelete, ProjectQuery, QueryLimits, SystemStatement
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.telemetry import metrics

Row = dict[str, Any]
Tuples = Sequence[tuple[Any, ...]]
Result = TypeVar("Result")
_Failed = Callable[[int | None, str | None], errors.ElasticDashError]

CONNECT_TIMEOUT_SECONDS = 5
# A server ends a read at its limit and says so: only a lost one is silent for longer.
_SILENCE_SECONDS = 30
_DEFAULT_PORTS = {"http": 8123, "https": 8443}
# Retries of an insert of which no answer came, before the caller hears of it.
_INSERT_PAUSES_SECONDS = (0.1, 0.5)
# The driver would import them to see whether it was given their tables: 90 MB for what we never pass.
for _tables in ("np", "pd", "arrow"):
    setattr(options, _tables, None)
# A session would tie a pooled handle to one server and forbid concurrent use.
common.set_setting("autogenerate_session_id", False)
# A user with readonly = 1 has its limits from its profile: ours are left out then.
common.set_setting("invalid_setting_action", "drop")
# It warns of settings it left out and of failures that we raise, with statements and what users sent.
logging.getLogger("clickhouse_connect").setLevel(logging.ERROR)
# It warns of every lost connection with the address and the query's parameters; whoever called hears of it from us.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class _Result(Protocol):
    column_names: Sequence[str]
    result_rows: Tuples


class _Handle(Protocol):
    """What we use of the driver's client, which ships only partial types."""

    def query(self, query: str, parameters: Mapping[str, object], settings: Mapping[str, object]) -> _Result: ...
    def query_row_block_stream(
        self, query: str, parameters: Mapping[str, object], settings: Mapping[str, object]
    ) -> AbstractContextManager[Sequence[Tuples]]: ...
    def command(self, cmd: str, parameters: Mapping[str, object]) -> object: ...
    def insert(
        self,
        table: str,
        data: Sequence[Sequence[Any]],
        column_names: Sequence[str],
        column_oriented: bool,
        column_type_names: Sequence[str],
        settings: Mapping[str, object],
    ) -> object: ...
    def close(self) -> None: ...


def dsn_of(url: str, user: str, password: str, database: str) -> str:
    """Address of a server from its separate settings; what the URL itself says wins."""
    parts = urlsplit(url)
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    host = parts.netloc if "@" in parts.netloc else f"{credentials}@{parts.netloc}"
    path = parts.path if parts.path.strip("/") else f"/{quote(database, safe='')}"
    return urlunsplit((parts.scheme, host, path, parts.query, ""))


class ClickHouse:
    """Bounded pool of synchronous engine handles, used from asyncio through as many threads."""

    def __init__(self, dsn: str, pool_size: int = 4, limits: QueryLimits | None = None) -> None:
        self._limits = limits or QueryLimits()
        self._is_server = not dsn.startswith("chdb:")
        self._engine: _Engine = _Server(dsn, pool_size, self._limits) if self._is_server else _Embedded(dsn, pool_size)
        self._column_types: dict[str, dict[str, str]] = {}
        self._threads = ThreadPoolExecutor(pool_size, thread_name_prefix="clickhouse")

    async def fetch(self, scope: ProjectScope, query: ProjectQuery) -> list[Row]:
        """All rows of a project query, as name → value, in the query's order."""
        names, rows = await self._run(scope, query)
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def fetch_tuples(self, scope: ProjectScope, query: ProjectQuery) -> list[tuple[Any, ...]]:
        """All rows of a project query, as tuples in the order of the SELECT: for large results."""
        _, rows = await self._run(scope, query)
        return list(rows)

    async def stream(self, scope: ProjectScope, query: ProjectQuery) -> AsyncGenerator[list[tuple[Any, ...]]]:
        """Blocks of rows of a project query, as the engine produces them.

        The engine never waits for whoever takes them: a slow one costs memory, not a handle that others need.
        """
        parameters = {**query.parameters, "project_id": scope.project_id}
        loop = asyncio.get_running_loop()
        blocks: asyncio.Queue[list[tuple[Any, ...]] | None] = asyncio.Queue()
        is_left = threading.Event()

        def run() -> None:
            try:
                with (
                    self._handle(query.name) as handle,
                    handle.query_row_block_stream(query.sql, parameters, self._settings(query.name)) as stream,
                ):
                    for block in stream:
                        if is_left.is_set():
                            return
                        loop.call_soon_threadsafe(blocks.put_nowait, list(block))
            finally:
                loop.call_soon_threadsafe(blocks.put_nowait, None)

        running = loop.run_in_executor(self._threads, run)
        # Who leaves early never hears of an error, and asyncio would warn of it.
        running.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            while (block := await blocks.get()) is not None:
                yield block
            await running
        finally:
            is_left.set()

    async def delete(self, scope: ProjectScope, statement: ProjectDelete, parameters: Mapping[str, object]) -> None:
        """Delete rows of one project; no read sees them once this returns."""
        bound = {**parameters, "project_id": scope.project_id}
        await self._call("delete", lambda handle: handle.command(statement.sql, bound))

    async def fetch_system(self, statement: SystemStatement) -> list[Row]:
        """All rows of a statement across projects."""

        def run(handle: _Handle) -> list[Row]:
            result = handle.query(statement.sql, statement.parameters, self._settings(statement.name))
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

        return await self._call(statement.name, run)

    async def execute(self, statement: SystemStatement) -> None:
        """Run a statement that returns nothing: DDL, deletes."""
        await self._call(statement.name, lambda handle: handle.command(statement.sql, dict(statement.parameters)))

    async def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        """Insert one block, given column by column (each a sequence of the same length).

        UnavailableError: try again, the rows may be stored or not. QueryTooHeavyError: try again with fewer rows.
        StoreMismatchError: no row can be stored. Anything else: some of the rows were refused.
        """
        # Random, not a hash of the rows: a batch that is replayed after its rows were deleted has to get in again.
        settings = {
            "async_insert": 0,
            "insert_deduplication_token": uuid.uuid4().hex,
            "deduplicate_blocks_in_dependent_materialized_views": 1,
        }

        def run(handle: _Handle) -> None:
            types = self._types_of(handle, table, columns)
            _insert(handle, table, list(data), list(columns), types, settings)

        try:
            with metrics.INSERT_SECONDS.labels(table).time():
                await self._call("insert", run, failures.of_insert)
        except errors.StoreMismatchError:
            self._column_types.pop(table, None)
            raise
        metrics.INSERT_ROWS.labels(table).observe(len(data[0]) if data else 0)

    def close(self) -> None:
        """Wait for running calls and close every handle."""
        self._threads.shutdown(wait=True)
        self._engine.close()

    def _types_of(self, handle: _Handle, table: str, columns: Sequence[str]) -> list[str]:
        known = self._column_types.get(table)
        if known is None:
            described = handle.query(f"DESCRIBE TABLE {table}", {}, {})
            known = {str(row[0]): str(row[1]) for row in described.result_rows}
            self._column_types[table] = known
        missing = [column for column in columns if column not in known]
        if missing:
            raise errors.StoreMismatchError(f"ClickHouse table {table!r} has no column {missing[0]!r}")
        return [known[column] for column in columns]

    async def _run(self, scope: ProjectScope, query: ProjectQuery) -> tuple[Sequence[str], Tuples]:
        parameters = {**query.parameters, "project_id": scope.project_id}

        def run(handle: _Handle) -> tuple[Sequence[str], Tuples]:
            result = handle.query(query.sql, parameters, self._settings(query.name))
            return result.column_names, result.result_rows

        return await self._call(query.name, run)

    async def _call(self, name: str, run: Callable[[_Handle], Result], failed: _Failed = failures.of_read) -> Result:
        def with_handle() -> Result:
            with self._handle(name, failed) as handle:
                return run(handle)

        return await asyncio.get_running_loop().run_in_executor(self._threads, with_handle)

    @contextmanager
    def _handle(self, name: str, failed: _Failed = failures.of_read) -> Generator[_Handle]:
        try:
            with _measured(name), self._engine.handle() as handle:
                yield handle
        except ClickHouseError as error:
            _fail(error, failed)

    def _settings(self, name: str) -> dict[str, Any]:
        # Whatever a statement became, it cannot write.
        readonly = {"readonly": 2} if self._is_server else {}
        return {**self._limits.settings(), **readonly, "log_comment": name}


@contextmanager
def _measured(name: str) -> Generator[None]:
    """Counts a statement under its name, which is ours and never a client's."""
    with metrics.QUERY_SECONDS.labels(name).time():
        try:
            yield
        except ClickHouseError as error:
            metrics.QUERY_ERRORS.labels(name, type(error).__name__).inc()
            raise


class _Engine(Protocol):
    """Where handles come from."""

    def handle(self) -> AbstractContextManager[_Handle]: ...
    def close(self) -> None: ...


class _Embedded:
    """The engine in this process: one handle runs one statement at a time."""

    def __init__(self, dsn: str, pool_size: int) -> None:
        self._free: queue.SimpleQueue[_Handle] = queue.SimpleQueue()
        _import_engine()
        try:
            self._all = [cast(_Handle, clickhouse_connect.get_client(dsn=dsn)) for _ in range(pool_size)]  # pyright: ignore[reportUnknownMemberType] driver's
        except ClickHouseError as error:
            _fail(error, failures.of_read)
        for handle in self._all:
            self._free.put(handle)

    @contextmanager
    def handle(self) -> Generator[_Handle]:
        handle = self._free.get()
        try:
            yield handle
        finally:
            self._free.put(handle)

    def close(self) -> None:
        for handle in self._all:
            handle.close()


def _import_engine() -> None:
    """Import the engine's package without pyarrow and what that imports: it only needs them for Arrow formats."""
    unless_there = object()
    before = sys.modules.get("pyarrow", unless_there)
    sys.modules["pyarrow"] = cast(Any, None)
    try:
        importlib.import_module("chdb.state.sqlitelike")
    finally:
        if before is unless_there:
            del sys.modules["pyarrow"]
        else:
            sys.modules["pyarrow"] = cast(Any, before)


class _Server:
    """A server over HTTP: one client for all threads, which keeps as many connections as there are.

    It connects at the first statement, and again whenever it must: whoever starts need not wait for ClickHouse.
    """

    def __init__(self, dsn: str, pool_size: int, limits: QueryLimits) -> None:
        self._where = _address(dsn)
        self._receive_seconds = limits.max_execution_seconds + _SILENCE_SECONDS
        self._connections = httputil.get_pool_manager(  # pyright: ignore[reportUnknownMemberType] driver's
            maxsize=pool_size, num_pools=1, block=True
        )
        self._connecting = threading.Lock()
        self._client: _Handle | None = None

    @contextmanager
    def handle(self) -> Generator[_Handle]:
        with self._connecting:
            if self._client is None:
                self._client = self._connected()
        yield self._client

    def close(self) -> None:
        self._connections.clear()

    def _connected(self) -> _Handle:
        client = clickhouse_connect.get_client(  # pyright: ignore[reportUnknownMemberType] driver's
            **self._where,
            compress="lz4",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            send_receive_timeout=self._receive_seconds,
            client_name="elasticdash-logger",
            pool_mgr=self._connections,
        )
        return cast(_Handle, client)


def _address(dsn: str) -> dict[str, Any]:
    parts = urlsplit(dsn)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise errors.ConfigurationError("The ClickHouse address must look like http://host:8123 or https://host:8443")
    return {
        "interface": parts.scheme,
        "host": parts.hostname,
        "port": parts.port or _DEFAULT_PORTS[parts.scheme],
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.strip("/")) or "default",
    }


def _insert(
    handle: _Handle,
    table: str,
    data: Sequence[Sequence[Any]],
    columns: Sequence[str],
    types: Sequence[str],
    settings: Mapping[str, object],
) -> None:
    """Insert, again where no answer came: the same rows under the same token, so that they are in once."""
    for pause_seconds in (*_INSERT_PAUSES_SECONDS, None):
        try:
            handle.insert(
                table,
                data,
                column_names=columns,
                column_oriented=True,
                column_type_names=types,
                settings=settings,
            )
            return
        except ClickHouseError as error:
            code, _ = _said(error)
            if pause_seconds is None or _is_ours(error) or not failures.leaves_insert_unclear(code):
                raise
            time.sleep(pause_seconds)


def _fail(error: ClickHouseError, failed: _Failed) -> NoReturn:
    """Raises our error for the driver's, without it: its text has addresses, statements and what users sent."""
    if _is_ours(error):
        raise errors.ElasticDashError(f"The ClickHouse driver refused values: {type(error).__name__}") from None
    raise failed(*_said(error)) from None


def _is_ours(error: ClickHouseError) -> bool:
    """Whether the driver refused before anything was sent."""
    return isinstance(error, (DataError, ProgrammingError))


def _said(error: ClickHouseError) -> tuple[int | None, str | None]:
    return getattr(error, "code", None), getattr(error, "name", None)
