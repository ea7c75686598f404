"""No text or number of a request makes the store fail, whichever engine it is."""

import asyncio

import pytest

from elasticdash.shared import errors
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import api_keys, engine, prompts, schema, score_configs, storable
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.prompts import PromptFields, PromptFilter
from support import metadata

ALPHA = ProjectScope(ProjectId("alpha"))
HOSTILE = ["nul\0", "\0", "half \ud800", "\udfff", "quote ' \" \\u0000", "emoji 🦀"]


def _fields(text: str) -> PromptFields:
    return PromptFields(
        name=text, type="text", prompt=text, config={text: [text]}, labels=[text], tags=[text], commit_message=text
    )


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_lookups_find_nothing_and_break_nothing(database: Database, text: str):
    await metadata.provision(database, metadata.ALPHA)

    async with database.reading() as session:
        assert await api_keys.find(session, text) is None
        assert await prompts.find_prompt_ids(session, ALPHA, [(text, 1)]) == {}
        assert await score_configs.find_rules(session, ALPHA, [text]) == {}
        for wanted in (PromptFilter(name=text), PromptFilter(label=text), PromptFilter(tag=text)):
            assert await prompts.list_page(session, ALPHA, wanted, offset=0, limit=10) == ([], 0)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_what_is_stored_is_found_by_the_same_text(database: Database, text: str):
    await metadata.provision(database, metadata.ALPHA)

    async with database.writing() as session:
        await prompts.create(session, ALPHA, _fields(text), metadata.change())

    async with database.reading() as session:
        found = await prompts.get_by_version(session, ALPHA, text, 1)
        assert found.config == {storable.text(text): [storable.text(text)]}
        for wanted in (PromptFilter(name=text), PromptFilter(label=text), PromptFilter(tag=text)):
            _, total = await prompts.list_page(session, ALPHA, wanted, offset=0, limit=10)
            assert total == 1


async def test_numbers_no_column_holds_are_the_requests_fault(postgres_url: str):

    database = engine.create_database(postgres_url)
    await schema.upgrade(database, metadata.MIGRATIONS)

    with pytest.raises(errors.InvalidRequestError):
        async with database.reading() as session:
            await prompts.get_by_version(session, ALPHA, "name", 2**40)
    await database.close()


async def test_versions_made_at_the_same_time_get_numbers_of_their_own(database: Database):
    await metadata.provision(database, metadata.ALPHA)

    async def create() -> int:
        async with database.writing() as session:
            return (await prompts.create(session, ALPHA, _fields("greeting"), metadata.change())).version

    assert sorted(await asyncio.gather(*(create() for _ in range(6)))) == [1, 2, 3, 4, 5, 6]


async def test_processes_that_provision_together_agree(database: Database):
    answers = await asyncio.gather(*(metadata.provision(database, metadata.ALPHA) for _ in range(5)))

    assert len(set(map(str, answers))) == 1
