"""Group commit: nothing is acknowledged before it is stored, and what arrives together shares an object."""

import asyncio
import time
from typing import cast

import pytest

from elasticdash.shared import errors
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.schemas import raw_batch
from elasticdash.shared.schemas.raw_batch import RawBatch, RawHeader
from elasticdash.web.ingest.group_commit import GroupCommit, StoredObject


class GatedBlobs:
    """Keeps objects in memory; a put waits for its gate, or fails."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.gate = asyncio.Event()
        self.failure: Exception | None = None

    async def put(self, key: str, body: bytes) -> None:
        await self.gate.wait()
        if self.failure:
            raise self.failure
        self.objects[key] = body

    async def get(self, key: str) -> bytes:
        return self.objects[key]

    async def list_keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    async def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def close(self) -> None:
        return


def make_batch(name: str, project_id: str = "p") -> RawBatch:
    header = RawHeader(
        id=name,
        project_id=project_id,
        kind="otlp",
        received_us=time.time_ns() // 1000,
        api_key="k",
        content_type="application/json",
    )
    return RawBatch(header, name.encode())


@pytest.fixture
async def blobs():
    return GatedBlobs()


@pytest.fixture
async def handed_over():
    return list[str]()


@pytest.fixture
async def commit(blobs: GatedBlobs, handed_over: list[str]):
    async def enqueue(stored: StoredObject) -> None:
        handed_over.append(stored.key)

    group = GroupCommit(cast(BlobStore, blobs), enqueue)
    yield group
    blobs.gate.set()
    await group.close()


@pytest.mark.parametrize("failure", [errors.UnavailableError("disk full"), RuntimeError("a fault of ours")])
async def test_commit_fails_when_the_store_fails_and_the_next_is_stored(
    commit: GroupCommit, blobs: GatedBlobs, handed_over: list[str], failure: Exception
):
    blobs.failure = failure
    blobs.gate.set()

    with pytest.raises(type(failure)):
        await asyncio.wait_for(commit.commit(make_batch("a")), 5)

    assert handed_over == []
    blobs.failure = None
    await asyncio.wait_for(commit.commit(make_batch("b")), 5)
    assert len(handed_over) == 1


async def test_commit_returns_only_after_the_put(commit: GroupCommit, blobs: GatedBlobs, handed_over: list[str]):
    waiting = asyncio.create_task(commit.commit(make_batch("a")))
    await asyncio.sleep(0.05)
    before = waiting.done()

    blobs.gate.set()
    await waiting
    await asyncio.sleep(0)

    assert not before
    assert handed_over == list(blobs.objects)


async def test_what_arrives_during_a_write_shares_the_next_object_of_its_project(
    commit: GroupCommit, blobs: GatedBlobs
):
    first = asyncio.create_task(commit.commit(make_batch("first")))
    await asyncio.sleep(0.01)
    later = [
        asyncio.create_task(commit.commit(make_batch(name, p))) for name, p in (("a", "p"), ("b", "p"), ("c", "q"))
    ]
    await asyncio.sleep(0.01)

    blobs.gate.set()
    await asyncio.gather(first, *later)

    contents = [[batch.body for batch in raw_batch.decode(data)] for data in blobs.objects.values()]
    assert sorted(contents) == [[b"a", b"b"], [b"c"], [b"first"]]


async def test_a_queue_that_fails_does_not_fail_the_request(blobs: GatedBlobs):
    async def enqueue(stored: StoredObject) -> None:
        raise ConnectionError(stored.key)

    blobs.gate.set()
    group = GroupCommit(cast(BlobStore, blobs), enqueue)

    await group.commit(make_batch("a"))

    assert len(blobs.objects) == 1
    await group.close()
