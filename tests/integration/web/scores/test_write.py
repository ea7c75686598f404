"""`POST /api/public/scores` and `DELETE /api/public/scores/{id}`: from the request to the stored row."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, cast

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.score_rules import ScoreConfigRule
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.shared.otel.decode import DecodeLimits
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.schemas.ingestion import BatchLimits
from elasticdash.web import error_responses
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.auth.principal import Principal
from elasticdash.web.ingest.acceptor import AcceptLimits, Acceptor
from elasticdash.web.ingest.group_commit import GroupCommit, StoredObject
from elasticdash.web.media.files import MediaFiles
from elasticdash.web.public_api.scores import routes
from elasticdash.web.services import Services
from elasticdash.worker.ingestion import decode
from support import metadata, worker
from support.batch import unpriced
from support.clickhouse import new_scope
from support.records import make_score, store

MEGABYTE = 1_000_000
CONFIG = ScoreConfigRule(id="c", name="accuracy", data_type=ScoreDataType.NUMERIC, min_value=0, max_value=1)


class Sending:
    """A client of the score routes whose accepted requests go through the worker on demand."""

    def __init__(self, client: httpx.AsyncClient, blobs: FolderBlobStore, keys: list[str], clickhouse: ClickHouse):
        self.client = client
        self._blobs, self.keys, self._clickhouse = blobs, keys, clickhouse

    async def work(self) -> None:
        """Store everything accepted so far, again if it was stored before."""
        for key in self.keys:
            decoded = decode.decode_object(key, await self._blobs.get(key), unpriced)
            await worker.store(self._clickhouse, decoded)

    async def score(self, score_id: str) -> httpx.Response:
        """The score as the second generation shows it."""
        return await self.client.get(f"/v2/scores/{score_id}")


@asynccontextmanager
async def sending(
    folder: Path, clickhouse: ClickHouse, scope: ProjectScope, access: Literal["project", "scores"] = "project"
) -> AsyncGenerator[Sending]:
    """A signed-in client on a real acceptor."""
    keys: list[str] = []

    async def enqueue(stored: StoredObject) -> None:
        keys.append(stored.key)

    async def find_configs(_scope: ProjectScope, _ids: Collection[str]) -> Mapping[str, ScoreConfigRule]:
        return {"c": CONFIG}

    blobs = FolderBlobStore(folder)
    commit = GroupCommit(blobs, enqueue)
    limits = AcceptLimits(5 * MEGABYTE, 20 * MEGABYTE, BatchLimits(max_events=5000, max_depth=100), DecodeLimits())
    app = FastAPI()
    app.state.services = Services(
        database=cast(Database, None),
        clickhouse=clickhouse,
        authenticator=cast(Authenticator, None),
        acceptor=Acceptor(commit, find_configs, limits, lambda: worker.now_ms() * 1000, lambda _by, _count: None),
        blobs=blobs,
        media=cast(MediaFiles, None),
        keys=metadata.KEYS,
    )
    app.include_router(routes.router)
    error_responses.add_to(app)
    principal = Principal(scope, access, "pk-lf-test", "key")

    async def signed_in(asgi: Scope, receive: Receive, send: Send) -> None:
        asgi.setdefault("state", {})["principal"] = principal
        await app(asgi, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(signed_in), base_url="http://test/api/public") as client:
        yield Sending(client, blobs, keys, clickhouse)
    await commit.close()
    blobs.close()


@pytest.fixture
async def sender(tmp_path: Path, clickhouse: ClickHouse, scope: ProjectScope) -> AsyncGenerator[Sending]:
    """A client with both halves of a key."""
    async with sending(tmp_path, clickhouse, scope) as opened:
        yield opened


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"traceId": "t", "value": 1},
        {"traceId": "t", "name": "n"},
        {"name": "n", "value": 1},
        {"traceId": "t", "sessionId": "s", "name": "n", "value": 1},
        {"observationId": "o", "name": "n", "value": 1},
        {"traceId": "t", "name": "n", "value": "1", "dataType": "NUMERIC"},
        {"traceId": "t", "name": "n", "value": True, "dataType": "BOOLEAN"},
        {"traceId": "t", "name": "n", "value": 2, "configId": "c"},
        {"traceId": "t", "name": "n", "value": 1, "source": "EVAL"},
        {"traceId": "t", "name": "n", "value": 1, "source": "HUMAN"},
        {"traceId": "t", "name": "n", "value": 1, "source": "ANNOTATION"},
        "score",
        [1],
    ],
    ids=str,
)
async def test_broken_score_is_refused_and_not_kept(sender: Sending, body: Any) -> None:
    response = await sender.client.post("/scores", json=body)

    assert response.status_code == 400
    assert response.json()["message"]
    assert sender.keys == []


async def test_public_key_alone_may_create_but_not_read_or_delete(
    tmp_path: Path, clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    async with sending(tmp_path, clickhouse, scope, "scores") as sender:
        created = await sender.client.post("/scores", json={"traceId": "t", "name": "n", "value": 1})
        others = [
            await sender.client.get("/scores"),
            await sender.client.get("/v2/scores"),
            await sender.client.get("/v3/scores"),
            await sender.client.get("/v2/scores/s"),
            await sender.client.delete("/scores/s"),
        ]

    assert created.status_code == 200
    assert [response.status_code for response in others] == [403] * 5


async def test_score_is_answered_with_its_id_and_stored(sender: Sending) -> None:
    body = {"id": "s", "traceId": "t", "name": "n", "value": 0.5, "metadata": {"k": 1}, "comment": "c"}

    response = await sender.client.post("/scores", json=body)
    await sender.work()

    assert (response.status_code, response.json()) == (200, {"id": "s"})
    shown = (await sender.score("s")).json()
    assert (shown["value"], shown["metadata"], shown["comment"], shown["source"]) == (0.5, {"k": 1}, "c", "API")


@pytest.mark.parametrize("id_", [{}, {"id": ""}, {"id": None}], ids=["absent", "empty", "null"])
async def test_missing_id_is_made(sender: Sending, id_: dict[str, Any]) -> None:
    response = await sender.client.post("/scores", json={"traceId": "t", "name": "n", "value": "good", **id_})
    await sender.work()

    shown = (await sender.score(response.json()["id"])).json()
    assert (shown["dataType"], shown["stringValue"]) == ("CATEGORICAL", "good")


async def test_config_names_the_score(sender: Sending) -> None:
    body = {"id": "s", "traceId": "t", "name": "mine", "value": 1, "configId": "c", "source": "ANNOTATION"}
    await sender.client.post("/scores", json=body)
    await sender.work()

    shown = (await sender.score("s")).json()
    assert (shown["name"], shown["source"], shown["configId"]) == ("accuracy", "ANNOTATION", "c")


async def test_list_is_accepted_with_its_ids_and_times(sender: Sending) -> None:
    body = [
        {"id": "a", "traceId": "t", "name": "n", "value": 1, "timestamp": "2026-01-02T03:04:05.678901Z"},
        {"id": "b", "sessionId": "s", "name": "n", "value": 2, "timestamp": "2026-01-02T03:04:06Z"},
    ]

    response = await sender.client.post("/scores", json=body)
    await sender.work()

    assert (response.status_code, response.json()) == (202, {"message": "Accepted"})
    listed = (await sender.client.get("/v2/scores")).json()["data"]
    assert [(score["id"], score["timestamp"]) for score in listed] == [
        ("b", "2026-01-02T03:04:06.000Z"),
        ("a", "2026-01-02T03:04:05.678Z"),
    ]


async def test_broken_scores_of_a_list_do_not_cost_the_others(sender: Sending) -> None:
    good = {"id": "good", "traceId": "t", "name": "n", "value": 1}
    body = [good, {**good, "id": "bad", "value": None}, {**good, "id": "foreign", "source": "EVAL"}]

    response = await sender.client.post("/scores", json=body)
    await sender.work()

    answer = response.json()
    assert (response.status_code, answer["accepted"], answer["rejected"]) == (207, 1, 2)
    assert len(answer["errors"]) == 2
    assert all(error["message"] for error in answer["errors"])
    assert [score["id"] for score in (await sender.client.get("/v2/scores")).json()["data"]] == ["good"]


async def test_list_over_a_megabyte_is_refused(sender: Sending) -> None:
    body: Sequence[Any] = [{"traceId": "t", "name": "n", "value": 1, "comment": "c" * MEGABYTE}]

    response = await sender.client.post("/scores", json=body)

    assert response.status_code == 413


async def test_deleted_score_is_gone_at_once(clickhouse: ClickHouse, scope: ProjectScope, sender: Sending) -> None:
    await store(clickhouse, scope, scores=[make_score("s/1"), make_score("kept")])

    response = await sender.client.delete("/scores/s%2F1")

    assert (response.status_code, response.json()) == (202, {"message": "Score deletion queued successfully"})
    assert (await sender.score("s%2F1")).status_code == 404
    for path in ("/scores", "/v2/scores", "/v3/scores"):
        assert [score["id"] for score in (await sender.client.get(path)).json()["data"]] == ["kept"]


async def test_late_delivery_does_not_revive_a_deleted_score(sender: Sending) -> None:
    await sender.client.post("/scores", json={"id": "s", "traceId": "t", "name": "n", "value": 1})
    await sender.work()
    before = (await sender.score("s")).status_code
    await sender.client.delete("/scores/s")

    await sender.work()

    assert (before, (await sender.score("s")).status_code) == (200, 404)
    assert (await sender.client.get("/v2/scores")).json()["meta"]["totalItems"] == 0


async def test_score_deleted_before_it_arrived_stays_away(sender: Sending) -> None:
    await sender.client.post("/scores", json={"id": "s", "traceId": "t", "name": "n", "value": 1})
    await sender.client.delete("/scores/s")

    await sender.work()

    assert (await sender.score("s")).status_code == 404


async def test_delete_spares_the_same_id_of_another_project(
    clickhouse: ClickHouse, scope: ProjectScope, sender: Sending, tmp_path: Path
) -> None:
    other = new_scope()
    await store(clickhouse, other, scores=[make_score("s")])

    await sender.client.delete("/scores/s")

    async with sending(tmp_path / "other", clickhouse, other) as theirs:
        assert (await theirs.score("s")).status_code == 200
