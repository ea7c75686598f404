"""Over HTTP, what belongs to another project is answered like what does not exist, on every read of our document."""

import base64
import hashlib
import json
from collections.abc import Generator
from typing import Any

import httpx
import pytest

from support.golden import Golden, at
from support.server import ADMIN_KEY, ORGANIZATION_ID, PROJECT_ID, start_server

ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}
OTHER = {"ELASTICDASH_INIT_PROJECT_ID": "other-project", "ELASTICDASH_INIT_ORG_ID": "other-organization"}
METRICS = json.dumps(
    {
        "view": "observations",
        "metrics": [{"measure": "count", "aggregation": "count"}],
        "dimensions": [],
        "filters": [],
        "fromTimestamp": at(-86400),
        "toTimestamp": at(86400),
    }
)
# Every GET of our OpenAPI document: its parameters, with `{id}` for the thing looked at.
READS: dict[str, dict[str, str]] = {
    "/api/public/traces": {"sessionId": "{session}"},
    "/api/public/traces/{trace}": {},
    "/api/public/observations": {"traceId": "{trace}"},
    "/api/public/observations/{observation}": {},
    "/api/public/v2/observations": {"traceId": "{trace}"},
    "/api/public/observations-v2": {"traceId": "{trace}"},
    "/api/public/sessions": {},
    "/api/public/sessions/{session}": {},
    "/api/public/scores": {},
    "/api/public/scores/{score}": {},
    "/api/public/v2/scores": {"traceId": "{trace}"},
    "/api/public/v2/scores/{score}": {},
    "/api/public/v3/scores": {"traceId": "{trace}"},
    "/api/public/score-configs": {},
    "/api/public/score-configs/{config}": {},
    "/api/public/models/{model}": {},
    "/api/public/llm-connections": {},
    "/api/public/prompts": {"name": "{prompt}", "version": "1"},
    "/api/public/v2/prompts": {},
    "/api/public/v2/prompts/{prompt}": {"label": "latest"},
    "/api/public/media/{media}": {},
    "/api/public/comments": {},
    "/api/public/comments/{comment}": {},
    "/api/public/annotation-queues": {},
    "/api/public/annotation-queues/{queue}": {},
    "/api/public/annotation-queues/{queue}/items": {},
    "/api/public/annotation-queues/{queue}/items/{queued}": {},
    "/api/public/v2/datasets": {},
    "/api/public/v2/datasets/{dataset}": {},
    "/api/public/datasets": {},
    "/api/public/datasets/{dataset}": {},
    "/api/public/datasets/{dataset}/runs": {},
    "/api/public/datasets/{dataset}/runs/{run}": {},
    "/api/public/dataset-items": {},
    "/api/public/dataset-items/{item}": {},
    "/api/public/dataset-run-items": {"datasetId": "{dataset_id}", "runName": "{run}"},
    "/api/public/experiments": {"fromStartTime": at(-86400)},
    "/api/public/experiment-items": {"fromStartTime": at(-86400), "experimentId": "{run_id}"},
    "/api/public/metrics": {"query": METRICS},
    "/api/public/v2/metrics": {"query": METRICS},
    "/api/public/metrics/daily": {},
}
# Every GET of the document for keys of an organization, with `{id}` for what belongs to another.
ORGANIZATION_READS = (
    "/api/public/organizations/projects",
    "/api/public/organizations/apiKeys",
    "/api/public/projects/{project}/apiKeys",
)
# Every GET for the administrator, who sees all organizations.
ADMIN_READS = (
    "/api/admin/organizations",
    "/api/admin/organizations/{organization}",
    "/api/admin/organizations/{organization}/apiKeys",
    "/api/admin/keys",
)
# The same for everybody: health, the caller's own project, and models with the built-in ones among them.
SHARED = {"/api/public/health", "/api/public/ready", "/api/public/projects", "/api/public/models"}


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Golden, httpx.Client]]:
    """The owner of one of everything, and a client of another project in the same Logger."""
    folder = tmp_path_factory.mktemp("two-projects") / "data"
    first = start_server(folder)
    owner_keys = (first.public_key, first.secret_key)
    first.stop()
    other_keys = ("pk-lf-other", "sk-lf-other")
    keys = {"ELASTICDASH_INIT_PROJECT_PUBLIC_KEY": other_keys[0], "ELASTICDASH_INIT_PROJECT_SECRET_KEY": other_keys[1]}
    server = start_server(folder, env={**OTHER, **keys})
    with (
        httpx.Client(base_url=server.url, auth=owner_keys, timeout=30) as owner,
        httpx.Client(base_url=server.url, auth=other_keys, timeout=30) as other,
    ):
        yield Golden(owner, "mine"), other
    server.stop()


@pytest.fixture(scope="module")
def ids(projects: tuple[Golden, httpx.Client]) -> dict[str, str]:
    """Ids of one of everything in the owner's project."""
    owner, _ = projects
    named = ("trace", "observation", "session", "score", "prompt", "dataset", "item", "run")
    found = {name: owner.id(name) for name in named}
    owner.accept(
        owner.event("trace-create", 0, {"id": found["trace"], "sessionId": found["session"], "name": "secret"}),
        owner.event("span-create", 0, {"id": found["observation"], "traceId": found["trace"], "startTime": at()}),
        owner.event("score-create", 0, {"id": found["score"], "traceId": found["trace"], "name": "n", "value": 1}),
    )
    owner.trace(found["trace"], lambda trace: bool(trace.get("scores")))
    post = owner.client.post
    connection = {"provider": "secret-provider", "adapter": "openai", "secretKey": "secret"}
    owner.client.put("/api/public/llm-connections", json=connection)
    config = post("/api/public/score-configs", json={"name": "c", "dataType": "BOOLEAN"})
    model = {"modelName": "secret-model", "matchPattern": "^s$", "unit": "TOKENS", "inputPrice": 1}
    post("/api/public/v2/prompts", json={"name": found["prompt"], "type": "text", "prompt": "secret"})
    file = {"traceId": found["trace"], "field": "input", "contentType": "text/plain", "contentLength": 6}
    digest = base64.b64encode(hashlib.sha256(b"secret").digest()).decode()
    media = post("/api/public/media", json={**file, "sha256Hash": digest}).json()
    httpx.put(media["uploadUrl"], content=b"secret", headers={"Content-Type": "text/plain"})
    comment = {"projectId": PROJECT_ID, "objectType": "TRACE", "objectId": found["trace"], "content": "secret"}
    queue = post("/api/public/annotation-queues", json={"name": "secret", "scoreConfigIds": [config.json()["id"]]})
    item = {"objectId": found["trace"], "objectType": "TRACE"}
    dataset = post("/api/public/v2/datasets", json={"name": found["dataset"], "description": "secret"})
    post("/api/public/dataset-items", json={"datasetName": found["dataset"], "id": found["item"], "input": "secret"})
    of_run = {"runName": found["run"], "datasetItemId": found["item"], "traceId": found["trace"]}
    made = {
        "dataset_id": dataset.json()["id"],
        "run_id": post("/api/public/dataset-run-items", json=of_run).json()["datasetRunId"],
        "config": config.json()["id"],
        "media": media["mediaId"],
        "comment": post("/api/public/comments", json=comment).json()["id"],
        "queue": queue.json()["id"],
        "queued": post(f"/api/public/annotation-queues/{queue.json()['id']}/items", json=item).json()["id"],
    }
    return {**found, **made, "model": post("/api/public/models", json=model).json()["id"]}


def answer(client: httpx.Client, path: str, ids: dict[str, str]) -> tuple[int, str]:
    params = {name: value.format(**ids) if value != METRICS else value for name, value in READS[path].items()}
    response = client.get(path.format(**ids), params=params)
    return response.status_code, response.text


@pytest.mark.parametrize("path", READS)
def test_anothers_is_answered_like_nothing(path: str, projects: tuple[Golden, httpx.Client], ids: dict[str, str]):
    owner, other = projects
    nothing = {name: f"nobody-{name}" for name in ids}

    own = answer(owner.client, path, ids)
    foreign = answer(other, path, ids)
    absent = answer(other, path, nothing)

    assert own[0] == 200
    assert foreign[0] == absent[0]
    assert without(foreign[1], ids) == without(absent[1], nothing)
    assert foreign[1] != own[1]
    assert "secret" not in foreign[1]


@pytest.mark.parametrize("path", ORGANIZATION_READS)
def test_another_organizations_is_answered_like_nothing(path: str, projects: tuple[Golden, httpx.Client]):
    owner, other = projects
    secret_pair = {"publicKey": f"pk-lf-{owner.id('secret')}", "secretKey": f"sk-lf-{owner.id('secret')}"}
    owner_organization = organization_client(owner.client, ORGANIZATION_ID, secret_pair | {"note": "secret"})
    other_organization = organization_client(other, OTHER["ELASTICDASH_INIT_ORG_ID"], {})
    named = owner_organization.get("/api/public/organizations/projects").json()["projects"][0]["id"]
    if "{project}" in path:
        owner_organization.post(f"/api/public/projects/{named}/apiKeys", json={"note": "secret"})

    own = owner_organization.get(path.format(project=named))
    foreign = other_organization.get(path.format(project=named))
    absent = other_organization.get(path.format(project="nothing"))
    as_project = other.get(path.format(project=named))

    assert own.status_code == 200
    assert (foreign.status_code, foreign.text) == (absent.status_code, absent.text)
    assert foreign.text != own.text
    assert named not in foreign.text
    assert "secret" not in [key["note"] for key in foreign.json().get("apiKeys", [])]
    assert as_project.status_code == 403


@pytest.mark.parametrize("path", ADMIN_READS)
def test_only_the_administrator_sees_all(path: str, projects: tuple[Golden, httpx.Client]):
    owner, other = projects
    path = path.format(organization=ORGANIZATION_ID)
    other_organization = organization_client(other, OTHER["ELASTICDASH_INIT_ORG_ID"], {})

    answers = [client.get(path) for client in (other, owner.client, other_organization)]
    administrator = owner.client.get(path, headers=ADMIN, auth=None)

    assert [answer.status_code for answer in answers] == [401] * 3
    assert administrator.status_code == 200


def organization_client(client: httpx.Client, organization_id: str, pair: dict[str, str]) -> httpx.Client:
    """A client of the same server with a new key of an organization."""
    url = f"{client.base_url}/api/admin/organizations/{organization_id}/apiKeys".replace("//api", "/api")
    made = httpx.post(url, headers=ADMIN, json=pair)
    if made.status_code == 409:
        made = httpx.post(url, headers=ADMIN, json={})
    keys = made.json()
    return httpx.Client(base_url=client.base_url, auth=(keys["publicKey"], keys["secretKey"]), timeout=30)


def test_every_read_of_our_document_is_looked_at(projects: tuple[Golden, httpx.Client]):
    owner, _ = projects
    document: dict[str, Any] = owner.client.get("/api/public/openapi.json").json()

    served = {nameless(path) for path, methods in document["paths"].items() if "get" in methods}

    assert served - {nameless(path) for path in (*READS, *ORGANIZATION_READS, *ADMIN_READS, *SHARED)} == set()


def without(text: str, ids: dict[str, str]) -> str:
    """The answer without the ids that were asked for."""
    for id_ in ids.values():
        text = text.replace(id_, "*")
    return text


def nameless(path: str) -> str:
    """A path without the names of its parameters."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
