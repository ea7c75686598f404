"""Whatever happens to Postgres, a caller gets an answer in a bounded time, and all is well once it is back."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from sqlalchemy import text

from elasticdash.shared import errors
from elasticdash.shared.postgres import engine
from elasticdash.shared.postgres.engine import Database, DatabaseLimits
from support.servers import postgres as servers
from support.servers.postgres import PostgresServer

LIMITS = DatabaseLimits(
    max_connections=2,
    max_wait_seconds=1,
    connect_timeout_seconds=1,
    statement_timeout_seconds=1,
    lock_timeout_seconds=0.3,
)
# What the limits add up to, several times over: the machine may be busy.
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def server() -> Generator[PostgresServer]:
    with servers.running(settings={"max_connections": "6", "superuser_reserved_connections": "0"}) as server:
        yield server


@asynccontextmanager
async def _opened(url: str, limits: DatabaseLimits = LIMITS) -> AsyncGenerator[Database]:
    database = engine.create_database(url, limits)
    try:
        yield database
    finally:
        await database.close()


async def _assert_unavailable(database: Database, statement: str = "SELECT 1") -> None:
    started = time.monotonic()
    with pytest.raises(errors.UnavailableError):
        async with database.writing() as session:
            await session.execute(text(statement))
    assert time.monotonic() - started < PATIENCE_SECONDS


async def test_a_killed_server_is_unavailable_and_found_again(server: PostgresServer):
    async with _opened(server.databases.admin_url) as database:
        await database.check()

        server.kill()
        await _assert_unavailable(database)
        server.start()

        await database.check()


async def test_a_frozen_server_is_unavailable_and_found_again(server: PostgresServer):
    async with _opened(server.databases.admin_url) as database:
        await database.check()

        backend = servers.fetch(server.databases.admin_url, "SELECT 1")
        server.process.pause()
        try:
            async with _opened(server.databases.admin_url) as fresh:
                await _assert_unavailable(fresh)
        finally:
            server.process.resume()

        assert backend
        await database.check()


async def test_a_full_pool_is_unavailable_at_once(server: PostgresServer):
    async with _opened(server.databases.admin_url) as database, AsyncExitStack() as held:
        for _ in range(LIMITS.max_connections):
            session = await held.enter_async_context(database.reading())
            await session.execute(text("SELECT 1"))

        await _assert_unavailable(database)


async def test_a_server_without_free_connections_is_unavailable(server: PostgresServer):
    many = DatabaseLimits(max_connections=20, max_wait_seconds=1)
    async with _opened(server.databases.admin_url, many) as database:

        async def hold() -> bool:
            try:
                async with database.reading() as session:
                    await session.execute(text("SELECT pg_sleep(0.5)"))
            except errors.UnavailableError:
                return False
            return True

        answers = await asyncio.gather(*(hold() for _ in range(12)))

    assert set(answers) == {True, False}


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(lambda url: url.replace(servers.PASSWORD, "wrong"), id="wrong password"),
        pytest.param(lambda url: url.replace("/postgres", "/nowhere"), id="no such database"),
        pytest.param(lambda url: url + "?sslmode=require", id="no TLS"),
        pytest.param(lambda url: re.sub(r":\d+/", ":1/", url), id="nobody listens"),
        pytest.param(lambda url: url.replace("127.0.0.1", "no-such-host.invalid"), id="unknown host"),
    ],
)
async def test_what_cannot_be_reached_is_unavailable(server: PostgresServer, url):
    async with _opened(url(server.databases.admin_url)) as database:
        await _assert_unavailable(database)


async def test_a_wrong_tls_mode_is_a_wrong_setting(server: PostgresServer):
    async with _opened(server.databases.admin_url + "?sslmode=sometimes") as database:
        with pytest.raises(errors.ConfigurationError, match="sslmode"):
            await database.check()


async def test_a_long_statement_and_a_held_lock_are_cut_off(server: PostgresServer):
    url = server.databases.create()
    servers.run(url, "CREATE TABLE things (name text)")
    async with _opened(url) as database:
        await _assert_unavailable(database, "SELECT pg_sleep(30)")
        async with database.writing() as session:
            await session.execute(text("LOCK TABLE things"))
            await _assert_unavailable(database, "SELECT * FROM things")

        await database.check()


async def test_a_read_only_server_refuses_writes_for_now_and_answers_reads(server: PostgresServer):
    url = server.databases.create()
    servers.run(
        url,
        "CREATE TABLE things (name text)",
        "ALTER DATABASE " + url.rsplit("/")[-1] + " SET default_transaction_read_only = on",
    )
    async with _opened(url) as database:
        await _assert_unavailable(database, "INSERT INTO things VALUES ('x')")

        await database.check()


async def test_a_reader_cannot_write_and_sees_one_snapshot(server: PostgresServer):
    url = server.databases.create()
    servers.run(url, "CREATE TABLE things (name text)")
    async with _opened(url) as database:
        async with database.reading() as session:
            before = await session.scalar(text("SELECT count(*) FROM things"))
            servers.run(url, "INSERT INTO things VALUES ('x')")
            after = await session.scalar(text("SELECT count(*) FROM things"))

        assert (before, after) == (0, 0)
        with pytest.raises(errors.UnavailableError):
            async with database.reading() as session:
                await session.execute(text("DELETE FROM things"))


async def test_a_schema_of_the_url_is_where_tables_are_looked_for(server: PostgresServer):
    url = server.databases.create()
    servers.run(url, 'CREATE SCHEMA "Log ger"', 'CREATE TABLE "Log ger".things (name text)')

    async with _opened(url + "?schema=Log%20ger") as database, database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM things")) == 0
