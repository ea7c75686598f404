"""Prompts that quote other prompts are answered whole, and none loses what it quotes."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from elasticdash.shared.postgres import prompt_quotes
from elasticdash.web.public_api.prompts import routes
from support import web

PATH = "/api/public/v2/prompts"


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router]


def tag(name: str, said: str = "label=latest", vocabulary: str = "langfuse") -> str:
    return f"@@@{vocabulary}Prompt:name={name}|{said}@@@"


async def send(client: httpx.AsyncClient, name: str, prompt: Any, **more: Any) -> httpx.Response:
    body = {"name": name, "prompt": prompt, **more}
    return await client.post(PATH, json=body, headers=web.ALPHA)


async def create(client: httpx.AsyncClient, name: str, prompt: Any, **more: Any) -> dict[str, Any]:
    response = await send(client, name, prompt, **more)
    assert response.status_code == 201, response.text
    return response.json()


async def get(client: httpx.AsyncClient, name: str, **params: Any) -> httpx.Response:
    return await client.get(f"{PATH}/{name}", params={"label": "latest", **params}, headers=web.ALPHA)


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        (tag("nothing"), "'nothing' with label 'latest' is quoted and does not exist"),
        (tag("rules", "version=2"), "'rules' with version 2 is quoted and does not exist"),
        (tag("talk"), "'talk' with label 'latest' is quoted and is not a text prompt"),
        (tag("root"), "quotes itself in a circle"),
        ("@@@langfusePrompt:name=rules@@@", "prompt must quote by name"),
        (tag("rules", "version=0"), "prompt must quote by name"),
        (tag("rules", "version=99999999999"), "prompt must quote by name"),
    ],
)
async def test_what_cannot_be_quoted_is_refused(client: httpx.AsyncClient, quote: str, reason: str):
    await create(client, "rules", "Be kind")
    await create(client, "talk", [{"role": "user", "content": "x"}], type="chat")

    response = await send(client, "root", f"First: {quote}")

    assert response.status_code == 400
    assert reason in response.text
    assert (await get(client, "root")).status_code == 404


async def test_another_projects_prompt_cannot_be_quoted(client: httpx.AsyncClient):
    await client.post(PATH, json={"name": "theirs", "prompt": "secret"}, headers=web.BETA)

    assert (await send(client, "root", tag("theirs"))).status_code == 400


async def test_a_text_is_answered_with_what_it_quotes(client: httpx.AsyncClient):
    tone = await create(client, "tone", "friendly {{name}}")
    rules = await create(client, "folder/rules", f"Be {tag('tone')}", labels=["production"])
    root = await create(client, "root", f"1. {tag('folder/rules', 'label=production')} 2. {tag('tone', 'version=1')}")

    body = (await get(client, "root")).json()

    node = {
        created["name"]: {key: created[key] for key in ("name", "version", "id")} for created in (tone, rules, root)
    }
    assert body["prompt"] == "1. Be friendly {{name}} 2. friendly {{name}}"
    assert body["resolutionGraph"] == {
        "root": node["root"],
        "dependencies": {root["id"]: [node["folder/rules"], node["tone"]], rules["id"]: [node["tone"]]},
    }


async def test_every_message_of_a_chat_is_answered_with_what_it_quotes(client: httpx.AsyncClient):
    await create(client, "rules", 'Be "kind"')
    messages = [
        {"role": "system", "content": tag("rules", vocabulary="elasticdash")},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": [{"type": "text", "text": f"again: {tag('rules')}"}]},
    ]
    await create(client, "talk", messages, type="chat")

    shown = (await get(client, "talk")).json()["prompt"]

    assert shown[0] == {"role": "system", "content": 'Be "kind"'}
    assert shown[1] == messages[1]
    assert shown[2]["content"][0]["text"] == 'again: Be "kind"'


async def test_unresolved_it_is_as_it_was_created(client: httpx.AsyncClient):
    await create(client, "rules", "Be kind")
    await create(client, "root", f"First: {tag('rules')}")

    body = (await get(client, "root", resolve="false")).json()

    assert (body["prompt"], body["resolutionGraph"]) == (f"First: {tag('rules')}", None)


async def test_a_label_is_followed_to_where_it_is_now(client: httpx.AsyncClient):
    await create(client, "rules", "old")
    await create(client, "root", tag("rules"))
    await create(client, "rules", "new")

    assert (await get(client, "root")).json()["prompt"] == "new"


async def test_a_circle_closed_later_is_refused_when_it_is_closed(client: httpx.AsyncClient):
    await create(client, "a", "x")
    await create(client, "b", tag("a"))

    response = await send(client, "a", tag("b"))

    assert response.status_code == 400
    assert "circle" in response.text
    assert (await get(client, "b")).json()["prompt"] == "x"


@pytest.mark.parametrize("shared_first", [False, True], ids=["one way", "also by a short way"])
async def test_quotes_are_followed_five_levels_deep(client: httpx.AsyncClient, shared_first: bool):
    await create(client, "level0", "end")
    for level in range(1, prompt_quotes.MAX_DEPTH + 1):
        await create(client, f"level{level}", tag(f"level{level - 1}"))
    top = prompt_quotes.MAX_DEPTH
    short_way = tag("level1") if shared_first else ""

    refused = await send(client, "deeper", short_way + tag(f"level{top}"))

    assert (await get(client, f"level{top}")).json()["prompt"] == "end"
    assert refused.status_code == 400
    assert "deeper than 5 levels" in refused.text


async def test_quotes_that_multiply_are_refused_before_they_are_built(client: httpx.AsyncClient):
    await create(client, "level0", "x" * 1000)
    await create(client, "level1", tag("level0") * 1000)

    response = await send(client, "level2", tag("level1") * 1000)

    assert response.status_code == 400
    assert "says more than" in response.text


async def test_what_is_quoted_cannot_be_deleted(client: httpx.AsyncClient):
    await create(client, "rules", "one", labels=["production"])
    await create(client, "rules", "two")
    await create(client, "rules", "three")
    await create(client, "by-label", tag("rules", "label=production"))
    await create(client, "by-version", tag("rules", "version=2"))
    await create(client, "by-latest", tag("rules"))

    async def deleted(**params: Any) -> int:
        return (await client.delete(f"{PATH}/rules", params=params, headers=web.ALPHA)).status_code

    assert [await deleted(version=1), await deleted(version=2), await deleted()] == [400, 400, 400]
    assert await deleted(version=3) == 204
    assert (await get(client, "by-latest")).json()["prompt"] == "two"
