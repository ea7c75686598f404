"""Transactions keep all or nothing, and writers wait for each other."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from elasticdash.shared.postgres import locks
from elasticdash.shared.postgres.engine import Database
from support import metadata


async def _names(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.scalars(text("SELECT name FROM projects ORDER BY name"))).all())


async def test_a_failed_transaction_leaves_nothing(database: Database):
    async def fail_late() -> None:
        async with database.writing() as session:
            await metadata.provisioning.provision(session, metadata.HASHER, metadata.ALPHA, metadata.change())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_late()

    assert await _names(database) == []


async def test_rows_cannot_refer_to_what_does_not_exist(database: Database):
    with pytest.raises(exc.IntegrityError):
        async with database.writing() as session:
            await session.execute(
                text(
                    "INSERT INTO trace_sessions VALUES ('nowhere', 's', 'x', false, false, '2026-01-01', '2026-01-01')"
                )
            )


async def test_concurrent_read_then_write_transactions_all_succeed(database: Database):
    await metadata.provision(database, metadata.ALPHA)

    async def append(letter: str) -> None:
        async with database.writing() as session:
            await locks.hold(session, "names")
            name = await session.scalar(text("SELECT name FROM projects"))
            await asyncio.sleep(0)
            await session.execute(text("UPDATE projects SET name = :name"), {"name": f"{name}{letter}"})

    await asyncio.gather(*(append(letter) for letter in "bcdefghijk"))

    [name] = await _names(database)
    assert sorted(name.removeprefix("Alpha")) == list("bcdefghijk")


async def test_a_reader_is_not_stopped_by_a_writer(database: Database):
    await metadata.provision(database, metadata.ALPHA)

    async with database.writing() as session:
        await session.execute(text("UPDATE projects SET name = 'new'"))
        seen = await _names(database)

    assert seen == ["Alpha"]
    assert await _names(database) == ["new"]


async def test_a_failed_commit_leaves_no_lock_behind_in_sqlite(tmp_path: Path):
    async with metadata.opened(tmp_path) as database:
        await _fail_to_commit_and_go_on(database)


async def _fail_to_commit_and_go_on(database: Database) -> None:
    await metadata.provision(database, metadata.ALPHA)

    async def commit_a_broken_reference() -> None:
        async with database.writing() as session:
            await session.execute(text("PRAGMA defer_foreign_keys = ON"))
            await session.execute(text("UPDATE projects SET org_id = 'nothing', name = 'broken'"))

    for _ in range(10):
        with pytest.raises(exc.IntegrityError):
            await commit_a_broken_reference()

    async with database.writing() as session:
        await session.execute(text("UPDATE projects SET name = 'new'"))
    assert await _names(database) == ["new"]
