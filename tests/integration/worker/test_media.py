"""Files go when the last thing they belong to goes, and not before."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from elasticdash.shared import errors
from elasticdash.shared.blobs import media as media_objects
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import media
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.media import MediaContent, MediaPlace
from elasticdash.worker.media import MediaErasure
from support import metadata
from support.servers.postgres import Databases

ALPHA, BETA = ProjectScope(ProjectId("alpha")), ProjectScope(ProjectId("beta"))
CONTENT = MediaContent("image/png", 3, "A" * 43 + "=")
OF_TRACE = MediaPlace(field="input", trace_id="t")
OF_OTHER = MediaPlace(field="input", trace_id="u", observation_id="o")
OF_ITEM = MediaPlace(field="input", dataset_id="d", dataset_item_id="i")
NOW = datetime.now(UTC)
# Far longer than any run of the tests: NOW is when they were collected.
GRACE = timedelta(days=7)
LONG_AGO = NOW - 2 * GRACE


@dataclass(frozen=True)
class Opened:
    database: Database
    store: MediaFolder
    erasure: MediaErasure

    async def add(self, scope: ProjectScope, *places: MediaPlace, at: datetime = NOW) -> None:
        async with self.database.writing() as session:
            for place in places:
                await media.announce(session, scope, CONTENT, place, at)
            await media.record_upload(session, scope, CONTENT.media_id, 200, at, at)
        await self.store.put(media_objects.key_of(scope.project_id, CONTENT.media_id), b"abc")

    async def unlink(self, scope: ProjectScope, trace_id: str, at: datetime = LONG_AGO) -> None:
        async with self.database.writing() as session:
            await media.unlink_traces(session, scope, [trace_id], at)

    async def is_readable(self, scope: ProjectScope) -> bool:
        async with self.database.reading() as session:
            try:
                await media.get_uploaded(session, scope, CONTENT.media_id)
            except errors.NotFoundError:
                return False
        return True

    async def projects_with_files(self) -> list[str]:
        return [key.split("/")[1] for key in await self.store.list_keys(media_objects.FOLDER)]


@pytest.fixture
async def opened(tmp_path: Path, postgres_or_none: Databases | None) -> AsyncGenerator[Opened]:
    async with metadata.opened(tmp_path, postgres_or_none) as database:
        for wanted in (metadata.ALPHA, metadata.BETA):
            await metadata.provision(database, wanted)
        store = MediaFolder(tmp_path / "files")
        yield Opened(database, store, MediaErasure(store, database, GRACE))
        store.close()


async def test_a_file_something_else_has_stays(opened: Opened):
    await opened.add(ALPHA, OF_TRACE, OF_OTHER)
    await opened.unlink(ALPHA, "t")

    assert await opened.erasure.erase_unlinked() == 0
    assert await opened.is_readable(ALPHA)
    assert await opened.projects_with_files() == ["alpha"]


async def test_a_file_that_belongs_to_nothing_goes_after_a_while(opened: Opened):
    await opened.add(ALPHA, OF_TRACE, OF_OTHER)
    await opened.add(BETA, OF_TRACE)
    await opened.unlink(ALPHA, "t", NOW)
    await opened.unlink(ALPHA, "u", NOW)
    early = (await opened.erasure.erase_unlinked(), await opened.is_readable(ALPHA))
    late = MediaErasure(opened.store, opened.database, timedelta(0))

    assert early == (0, False)
    assert await late.erase_unlinked() == 1
    assert await late.erase_unlinked() == 0
    assert await opened.projects_with_files() == ["beta"]
    assert await opened.is_readable(BETA)


async def test_a_file_that_is_used_again_stays(opened: Opened):
    await opened.add(ALPHA, OF_TRACE)
    await opened.unlink(ALPHA, "t")
    await opened.add(ALPHA, OF_OTHER)

    assert await opened.erasure.erase_unlinked() == 0
    assert await opened.is_readable(ALPHA)


async def test_retention_takes_what_old_traces_had_alone(opened: Opened):
    await opened.add(ALPHA, OF_TRACE, at=LONG_AGO)
    await opened.add(BETA, OF_TRACE, OF_ITEM, at=LONG_AGO)
    for scope in (ALPHA, BETA):
        await opened.erasure.expire(scope, NOW - GRACE)
    await MediaErasure(opened.store, opened.database, timedelta(0)).erase_unlinked()

    assert await opened.projects_with_files() == ["beta"]
    assert await opened.is_readable(BETA)


async def test_retention_leaves_what_is_younger(opened: Opened):
    await opened.add(ALPHA, OF_TRACE)
    await opened.erasure.expire(ALPHA, NOW - GRACE)

    assert await opened.is_readable(ALPHA)


async def test_of_an_erased_project_no_file_is_left_and_others_keep_theirs(opened: Opened):
    await opened.add(ALPHA, OF_TRACE)
    await opened.add(BETA, OF_TRACE)

    await opened.erasure.erase_project(ALPHA)
    await opened.erasure.erase_project(ALPHA)

    assert await opened.projects_with_files() == ["beta"]
    assert not await opened.is_readable(ALPHA)
    assert await opened.is_readable(BETA)
