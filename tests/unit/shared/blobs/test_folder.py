"""Objects in a folder: complete or absent, and never outside it."""

from pathlib import Path

import pytest

from elasticdash.shared import errors
from elasticdash.shared.blobs.folder import FolderBlobStore


@pytest.fixture
def blobs(tmp_path: Path):
    store = FolderBlobStore(tmp_path / "blobs")
    yield store
    store.close()


@pytest.mark.parametrize("key", ["", "/etc/passwd", "a/../../b"], ids=["empty", "absolute", "climbing"])
async def test_put_refuses_keys_outside_the_folder(blobs: FolderBlobStore, key: str):
    with pytest.raises(errors.InvalidRequestError):
        await blobs.put(key, b"x")


async def test_get_of_an_unknown_key_is_not_found(blobs: FolderBlobStore):
    with pytest.raises(errors.NotFoundError):
        await blobs.get("raw/none")


async def test_put_then_get_gives_the_same_bytes(blobs: FolderBlobStore):
    await blobs.put("raw/p/2026/01/01/00/a.edr", b"\x00\xff")

    assert await blobs.get("raw/p/2026/01/01/00/a.edr") == b"\x00\xff"


async def test_list_gives_keys_below_the_prefix_in_order_without_unfinished_files(
    blobs: FolderBlobStore, tmp_path: Path
):
    for key in ("raw/p/b.edr", "raw/p/a.edr", "other/c.edr"):
        await blobs.put(key, b"x")
    (tmp_path / "blobs/raw/p/z.edr.writing").write_bytes(b"half")

    assert await blobs.list_keys("raw/") == ["raw/p/a.edr", "raw/p/b.edr"]


async def test_delete_is_repeatable(blobs: FolderBlobStore):
    await blobs.put("raw/a", b"x")

    await blobs.delete(["raw/a"])
    await blobs.delete(["raw/a"])

    assert await blobs.list_keys("raw/") == []


async def test_put_on_a_store_that_can_not_write_says_unavailable(tmp_path: Path):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "raw").write_text("a file where a folder must be")
    store = FolderBlobStore(tmp_path / "blobs")

    with pytest.raises(errors.UnavailableError):
        await store.put("raw/p/a.edr", b"x")

    store.close()


async def test_folders_are_listed_one_level_deep_and_forgotten_only_when_empty(blobs: FolderBlobStore):
    for key in ("raw/p/2026/a", "raw/q/2026/b"):
        await blobs.put(key, b"x")

    await blobs.forget_folder("raw/p/2026/")
    kept = await blobs.list_folders("raw/")
    await blobs.delete(["raw/p/2026/a"])
    await blobs.forget_folder("raw/p/2026/")

    assert kept == ["raw/p/", "raw/q/"]
    assert await blobs.list_folders("raw/p/") == []
    assert await blobs.list_folders("none/") == []
