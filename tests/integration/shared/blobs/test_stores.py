"""What every object store promises, on a folder and on a real S3 server."""

from collections.abc import Generator
from pathlib import Path

import pytest

from elasticdash.shared import errors
from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.blobs.store import BlobStore
from support.servers.s3 import running_s3


@pytest.fixture(scope="module", params=["folder", "s3"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[BlobStore]:
    folder: Path = tmp_path_factory.mktemp("store")
    if request.param == "folder":
        yield FolderBlobStore(folder)
        return
    with running_s3(folder) as server:
        store = S3BlobStore(server.config)
        yield store
        store.close()


@pytest.fixture
async def store(opened: BlobStore) -> BlobStore:
    """The store of this run, emptied."""
    for folder in await opened.list_folders(""):
        await opened.delete(await opened.list_keys(folder))
    return opened


async def test_an_unknown_key_is_not_found(store: BlobStore):
    with pytest.raises(errors.NotFoundError):
        await store.get("raw/none")


async def test_what_was_put_comes_back(store: BlobStore):
    for key, body in (("raw/p/2026/a.edr", b"\x00\xff" * 5000), ("raw/empty", b"")):
        await store.put(key, body)

        assert await store.get(key) == body


async def test_keys_are_listed_in_order_after_a_key_and_up_to_a_limit(store: BlobStore):
    keys = [f"raw/p/2026/01/01/{hour:02}/{name}.edr" for hour in (0, 1, 2) for name in "ab"]
    for key in (*reversed(keys), "raw/q/other.edr"):
        await store.put(key, b"x")

    assert await store.list_keys("raw/p/") == keys
    assert await store.list_keys("raw/p/", after="raw/p/2026/01/01/01/") == keys[2:]
    assert await store.list_keys("raw/p/", after=keys[0], limit=2) == keys[1:3]
    assert await store.list_keys("none/") == []


async def test_folders_are_listed_one_level_deep(store: BlobStore):
    for key in ("raw/p/2026/a", "raw/p/2025/a", "raw/q/2026/b"):
        await store.put(key, b"x")

    assert await store.list_folders("raw/") == ["raw/p/", "raw/q/"]
    assert await store.list_folders("raw/p/") == ["raw/p/2025/", "raw/p/2026/"]
    assert await store.list_folders("none/") == []


async def test_deleting_is_repeatable_and_takes_only_what_was_named(store: BlobStore):
    for name in "abc":
        await store.put(f"raw/{name}", b"x")

    await store.delete(["raw/a", "raw/b"])
    await store.delete(["raw/a", "raw/never"])
    await store.delete([])

    assert await store.list_keys("raw/") == ["raw/c"]
