"""`elasticdash replay`, as an operator types it, on a data folder and a Redis."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner, Result

from elasticdash.shared import errors
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.queue.connection import RedisConfig
from elasticdash.shared.queue.lanes import QueueKeys
from elasticdash.shared.schemas import quarantine
from elasticdash.shared.schemas.quarantine import Quarantined
from elasticdash.standalone.cli import app
from elasticdash.standalone.data_folder import DataFolder
from support.queue import TestQueue, until
from support.servers.redis import redis_url
from support.servers.s3 import running_s3

__all__ = ["redis_url"]


@pytest.fixture
async def queue(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[TestQueue]:
    """A queue the command finds in its settings."""
    keys = QueueKeys(f"test-{secrets.token_hex(6)}:")
    monkeypatch.setenv("REDIS_CONNECTION_STRING", redis_url)
    monkeypatch.setenv("REDIS_KEY_PREFIX", keys.prefix)
    async with Redis.from_url(redis_url, protocol=2) as redis:
        yield TestQueue(RedisConfig(url=redis_url), keys, redis)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder."""
    made = DataFolder(tmp_path / "data")
    made.blobs.mkdir(parents=True)
    return made


async def replay(folder: DataFolder, *arguments: str) -> Result:
    """What the command prints; it runs in a thread as it has an event loop of its own."""
    words = ["replay", *arguments, "--data-dir", str(folder.root)]
    return await asyncio.to_thread(CliRunner().invoke, app, words, env={"COLUMNS": "200"})


async def give_up(queue: TestQueue, *keys: str) -> None:
    async def fail(key: str) -> None:
        raise RuntimeError("a bug")

    async def are_given_up() -> bool:
        return (await queue.stats()).dead_letters == len(keys)

    await queue.enqueue(*keys)
    async with queue.working(fail):
        await until(are_given_up, "given up")


def note(folder: DataFolder, raw_key: str, note_id: str) -> None:
    path = folder.blobs / quarantine.note_key(raw_key, note_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(quarantine.encode(Quarantined(raw_key, [3], [], "RowRefusedError", "too long")))


async def test_nothing_given_up(folder: DataFolder, queue: TestQueue):
    result = await replay(folder, "list")

    assert (result.exit_code, result.output.strip()) == (0, "Nothing was given up.")


async def test_the_list_shows_both_places(folder: DataFolder, queue: TestQueue):
    await give_up(queue, "raw/p/1.edr")
    note(folder, "raw/p/2.edr", "01NOTE")

    result = await replay(folder, "list")

    assert "raw/p/1.edr" in result.output
    assert "failed: RuntimeError" in result.output
    assert all(text in result.output for text in ("01NOTE", "raw/p/2.edr", "1 row", "RowRefusedError: too long"))


async def test_all_are_replayed(folder: DataFolder, queue: TestQueue):
    await give_up(queue, "raw/p/1.edr")
    note(folder, "raw/p/2.edr", "01NOTE")

    result = await replay(folder, "run", "--all")

    stats = await queue.stats()
    assert "2 will be processed again." in result.output
    assert (stats.dead_letters, stats.lag) == (0, 1)
    assert [path.name for path in (folder.blobs / "replay").rglob("*.json")] == ["2.edr.01NOTE.json"]


async def test_one_is_replayed_by_its_id(folder: DataFolder, queue: TestQueue):
    note(folder, "raw/p/1.edr", "01FIRST")
    note(folder, "raw/p/2.edr", "02SECOND")

    await replay(folder, "run", "--id", "02SECOND")

    assert [path.name for path in (folder.blobs / "quarantine").rglob("*.json")] == ["1.edr.01FIRST.json"]


async def test_no_more_than_asked_for_are_replayed(folder: DataFolder, queue: TestQueue):
    await give_up(queue, *(f"raw/p/{number}.edr" for number in range(3)))

    await replay(folder, "run", "--all", "--max", "2")

    assert (await queue.stats()).dead_letters == 1


@pytest.mark.parametrize("arguments", [(), ("--all", "--id", "x")], ids=["nothing", "both"])
async def test_which_must_be_said(folder: DataFolder, arguments: tuple[str, ...]):
    result = await replay(folder, "run", *arguments)

    assert isinstance(result.exception, errors.ConfigurationError)


async def test_an_unknown_id_is_an_error(folder: DataFolder, queue: TestQueue):
    result = await replay(folder, "run", "--id", "none")

    assert isinstance(result.exception, errors.NotFoundError)


async def test_a_folder_that_is_no_loggers_is_named(tmp_path: Path):
    result = await replay(DataFolder(tmp_path / "none"), "list")

    assert isinstance(result.exception, errors.ConfigurationError)
    assert not (tmp_path / "none").exists()


async def test_notes_in_a_bucket_are_replayed(folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with running_s3(tmp_path / "s3") as server:
        for name, value in server.settings().items():
            monkeypatch.setenv(name, value)
        store = S3BlobStore(server.config)
        note_body = quarantine.encode(Quarantined("raw/p/1.edr", None, None, "ValueError", "damaged"))
        await store.put(quarantine.note_key("raw/p/1.edr", "01NOTE"), note_body)

        listed, replayed = await replay(folder, "list"), await replay(folder, "run", "--all")

        assert "raw/p/1.edr" in listed.output
        assert "1 will be processed again." in replayed.output
        assert await store.list_keys("replay/") == ["replay/raw/p/1.edr.01NOTE.json"]
        store.close()
