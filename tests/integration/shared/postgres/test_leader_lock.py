"""Of the processes on one Postgres exactly one leads, and a dead leader has a successor."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from elasticdash.shared.postgres import engine
from elasticdash.shared.postgres.leader_lock import LeaderLock
from support.servers import postgres as servers


@asynccontextmanager
async def process(url: str) -> AsyncGenerator[LeaderLock]:
    """A lock with connections of its own, as a worker process has it."""
    database = engine.create_database(url)
    lock = LeaderLock(database)
    try:
        yield lock
    finally:
        await lock.release()
        await database.close()


async def test_one_leads_until_it_lets_go(postgres_url: str):
    async with process(postgres_url) as second:
        async with process(postgres_url) as first:
            assert await first.is_held()
            assert not await second.is_held()
            assert await first.is_held()

        assert await second.is_held()


async def test_a_leader_whose_connection_is_cut_leads_no_more_until_it_asks_again(postgres_url: str):
    async with process(postgres_url) as first, process(postgres_url) as second:
        assert await first.is_held()
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid != pg_backend_pid()"
        )
        servers.fetch(postgres_url, others)

        assert await second.is_held()
        assert not await first.is_held()
        assert not await first.is_held()


async def test_nobody_leads_while_the_server_is_down_and_one_does_when_it_is_back():
    with servers.running() as server:
        url = server.databases.create()
        async with process(url) as lock:
            assert await lock.is_held()
            server.kill()
            assert not await lock.is_held()
            assert not await lock.is_held()
            server.start()
            assert await lock.is_held()


async def test_on_sqlite_the_one_process_leads(tmp_path: Path):
    async with process(f"sqlite+aiosqlite:///{tmp_path / 'metadata.db'}") as lock:
        assert await lock.is_held()
