"""Every implemented operation answers as Langfuse's own OpenAPI document says.

The document is read from beside the checkout and never copied; without it this test is skipped, and the SDK tests
cover the same ground with the models generated from it.
"""

import base64
import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from support.golden import Golden, at, hex_id, span
from support.server import ADMIN_KEY, ORGANIZATION_ID, PROJECT_ID, RunningServer

DOCUMENT = Path(__file__).parents[3].parent / "shared/contract/langfuse-openapi.yml"
PLACEHOLDER = re.compile(r"\{\w+\}")
pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason="Langfuse's OpenAPI document is not beside the checkout")

METRICS_QUERY = json.dumps(
    {
        "view": "observations",
        "dimensions": [{"field": "providedModelName"}],
        "metrics": [{"measure": "count", "aggregation": "count"}, {"measure": "totalCost", "aggregation": "sum"}],
        "filters": [],
        "timeDimension": {"granularity": "day"},
        "fromTimestamp": at(-86400),
        "toTimestamp": at(86400),
    }
)


@dataclass(frozen=True)
class Call:
    """One request, with `{names}` of seeded ids in the path and body, and the status it must answer."""

    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    body: Any = None
    status: int = 200
    is_of_organization: bool = False


def announcement(file: bytes) -> dict[str, Any]:
    """What a client says of a file before it sends it."""
    digest = base64.b64encode(hashlib.sha256(file).digest()).decode()
    said = {"traceId": "t", "field": "input", "contentType": "text/plain"}
    return {**said, "contentLength": len(file), "sha256Hash": digest}


# By operationId of the document. Where the real server's status differs from the document's, the real one counts.
CALLS: dict[str, Call] = {
    "health_health": Call("GET", "/health"),
    "projects_get": Call("GET", "/projects"),
    "ingestion_batch": Call("POST", "/ingestion", body={"batch": []}, status=207),
    "trace_list": Call("GET", "/traces"),
    "trace_get": Call("GET", "/traces/{trace}"),
    "legacy_observationsV1_getMany": Call("GET", "/observations"),
    "legacy_observationsV1_get": Call("GET", "/observations/{observation}"),
    "observations_getMany": Call(
        "GET", "/v2/observations", {"fields": "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"}
    ),
    "sessions_list": Call("GET", "/sessions"),
    "sessions_get": Call("GET", "/sessions/{session}"),
    "scores_get-many": Call("GET", "/v2/scores"),
    "scores_get-by-id": Call("GET", "/v2/scores/{score}"),
    "scoresV3_getManyV3": Call("GET", "/v3/scores", {"fields": "core,details,subject,annotation"}),
    "scores_create": Call("POST", "/scores", body={"traceId": "{trace}", "name": "posted", "value": 1}),
    "scoreConfigs_create": Call("POST", "/score-configs", body={"name": "c", "dataType": "NUMERIC"}),
    "scoreConfigs_get": Call("GET", "/score-configs"),
    "scoreConfigs_get-by-id": Call("GET", "/score-configs/{config}"),
    "scoreConfigs_update": Call("PATCH", "/score-configs/{config}", body={"description": "d"}),
    "models_create": Call(
        "POST", "/models", body={"modelName": "m", "matchPattern": "^m$", "unit": "TOKENS", "inputPrice": 1}
    ),
    "models_list": Call("GET", "/models"),
    "models_get": Call("GET", "/models/{model}"),
    "prompts_list": Call("GET", "/v2/prompts"),
    "prompts_get": Call("GET", "/v2/prompts/{prompt}"),
    "prompts_create": Call("POST", "/v2/prompts", body={"name": "{new}", "type": "text", "prompt": "p"}, status=201),
    "promptVersion_update": Call("PATCH", "/v2/prompts/{prompt}/versions/1", body={"newLabels": ["staging"]}),
    "prompts_delete": Call("DELETE", "/v2/prompts/{prompt}", {"label": "latest"}, status=204),
    "datasets_list": Call("GET", "/v2/datasets"),
    "datasets_create": Call("POST", "/v2/datasets", body={"name": "{new}", "inputSchema": {"type": "object"}}),
    "datasets_get": Call("GET", "/v2/datasets/{dataset}"),
    "datasetItems_create": Call("POST", "/dataset-items", body={"datasetName": "{dataset}", "input": {"q": 1}}),
    "datasetItems_list": Call("GET", "/dataset-items", {"datasetName": "{dataset}"}),
    "datasetItems_get": Call("GET", "/dataset-items/{item}"),
    "datasetRunItems_create": Call(
        "POST", "/dataset-run-items", body={"runName": "{run}", "datasetItemId": "{item}", "traceId": "{trace}"}
    ),
    "datasetRunItems_list": Call("GET", "/dataset-run-items", {"datasetId": "{dataset_id}", "runName": "{run}"}),
    "datasets_getRuns": Call("GET", "/datasets/{dataset}/runs"),
    "datasets_getRun": Call("GET", "/datasets/{dataset}/runs/{run}"),
    "experiments_list": Call("GET", "/experiments", {"fromStartTime": at(), "fields": "core,metadata,scores"}),
    "experiments_listItems": Call(
        "GET",
        "/experiment-items",
        {
            "fromStartTime": at(),
            "fields": "core,dataset,io,metadata,itemMetadata,experimentMetadata,scores",
        },
    ),
    "datasets_deleteRun": Call("DELETE", "/datasets/{dataset}/runs/{run}"),
    "datasetItems_delete": Call("DELETE", "/dataset-items/{item}"),
    "legacy_metricsV1_metrics": Call("GET", "/metrics", {"query": METRICS_QUERY}),
    "metrics_metrics": Call("GET", "/v2/metrics", {"query": METRICS_QUERY}),
    "opentelemetry_exportTraces": Call("POST", "/otel/v1/traces", body={"resourceSpans": []}),
    "organizations_getOrganizationProjects": Call("GET", "/organizations/projects", is_of_organization=True),
    "organizations_getOrganizationApiKeys": Call("GET", "/organizations/apiKeys", is_of_organization=True),
    "projects_create": Call(
        "POST", "/projects", body={"name": "{new}", "retention": 0}, status=201, is_of_organization=True
    ),
    "projects_update": Call("PUT", "/projects/{project}", body={"name": "{other}"}, is_of_organization=True),
    "projects_getApiKeys": Call("GET", "/projects/{project}/apiKeys", is_of_organization=True),
    "projects_createApiKey": Call(
        "POST", "/projects/{project}/apiKeys", body={"note": "n"}, status=201, is_of_organization=True
    ),
    "projects_deleteApiKey": Call("DELETE", "/projects/{project}/apiKeys/{key}", is_of_organization=True),
    "projects_delete": Call("DELETE", "/projects/{project}", status=202, is_of_organization=True),
    "llmConnections_upsert": Call(
        "PUT", "/llm-connections", body={"provider": "{new}", "adapter": "openai", "secretKey": "s"}, status=201
    ),
    "llmConnections_list": Call("GET", "/llm-connections"),
    "llmConnections_delete": Call("DELETE", "/llm-connections/{connection}"),
    "media_getUploadUrl": Call("POST", "/media", body=announcement(b"new"), status=201),
    "media_get": Call("GET", "/media/{media}"),
    "media_patch": Call(
        "PATCH", "/media/{media}", body={"uploadedAt": "2026-01-31T12:00:00Z", "uploadHttpStatus": 200}
    ),
    "comments_create": Call(
        "POST",
        "/comments",
        body={"projectId": PROJECT_ID, "objectType": "TRACE", "objectId": "{trace}", "content": "why?"},
    ),
    "comments_get": Call("GET", "/comments", {"objectType": "TRACE", "objectId": "{trace}"}),
    "comments_get-by-id": Call("GET", "/comments/{comment}"),
    "annotationQueues_createQueue": Call(
        "POST", "/annotation-queues", body={"name": "{new}", "scoreConfigIds": ["{config}"]}
    ),
    "annotationQueues_listQueues": Call("GET", "/annotation-queues"),
    "annotationQueues_getQueue": Call("GET", "/annotation-queues/{queue}"),
    "annotationQueues_createQueueItem": Call(
        "POST", "/annotation-queues/{queue}/items", body={"objectId": "{trace}", "objectType": "TRACE"}
    ),
    "annotationQueues_listQueueItems": Call("GET", "/annotation-queues/{queue}/items"),
    "annotationQueues_getQueueItem": Call("GET", "/annotation-queues/{queue}/items/{queued}"),
    "annotationQueues_updateQueueItem": Call(
        "PATCH", "/annotation-queues/{queue}/items/{queued}", body={"status": "COMPLETED"}
    ),
    "annotationQueues_deleteQueueItem": Call("DELETE", "/annotation-queues/{queue}/items/{queued}"),
    "annotationQueues_createQueueAssignment": Call(
        "POST", "/annotation-queues/{queue}/assignments", body={"userId": "{user}"}
    ),
    "annotationQueues_deleteQueueAssignment": Call(
        "DELETE", "/annotation-queues/{queue}/assignments", body={"userId": "{user}"}
    ),
    "models_delete": Call("DELETE", "/models/{model}"),
    "legacy_scoreV1_delete": Call("DELETE", "/scores/{score}", status=202),
    "trace_deleteMultiple": Call("DELETE", "/traces", body={"traceIds": ["{other}"]}),
    "trace_delete": Call("DELETE", "/traces/{trace}"),
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return yaml.safe_load(DOCUMENT.read_text())


@pytest.fixture(scope="module")
def seeded(server: RunningServer) -> Generator[tuple[Golden, dict[str, str]]]:
    """A client, and ids of one of everything."""
    with server.client() as client:
        golden = Golden(client, f"oas{secrets.token_hex(4)}")
        ids = {name: golden.id(name) for name in ("trace", "observation", "session", "score", "prompt", "new", "other")}
        golden.export(span(hex_id(16), hex_id(8), {"gen_ai.request.model": "gpt-4o", "user.id": "u"}))
        golden.accept(
            golden.event(
                "trace-create", 0, {"id": ids["trace"], "name": "n", "sessionId": ids["session"], "input": {}}
            ),
            golden.event("trace-create", 0, {"id": ids["other"], "name": "other"}),
            golden.event(
                "generation-create",
                0,
                {
                    "id": ids["observation"],
                    "traceId": ids["trace"],
                    "model": "gpt-4o",
                    "usage": {"input": 1, "output": 2},
                    "startTime": at(),
                    "endTime": at(1),
                },
            ),
            golden.event("score-create", 0, {"id": ids["score"], "traceId": ids["trace"], "name": "s", "value": 1}),
            golden.event("score-create", 0, {"traceId": ids["trace"], "name": "b", "value": 1, "dataType": "BOOLEAN"}),
            golden.event("score-create", 0, {"traceId": ids["trace"], "name": "c", "value": "good"}),
        )
        golden.trace(ids["trace"], lambda trace: len(trace.get("scores", [])) == 3)
        config = {"name": "seeded", "dataType": "BOOLEAN"}
        ids["config"] = client.post("/api/public/score-configs", json=config).json()["id"]
        model = {"modelName": "seeded", "matchPattern": "^seeded$", "unit": "TOKENS", "inputPrice": 1e-6}
        ids["model"] = client.post("/api/public/models", json=model).json()["id"]
        connection = {"provider": "seeded", "adapter": "openai", "secretKey": "s"}
        ids["connection"] = client.put("/api/public/llm-connections", json=connection).json()["id"]
        sending = client.post("/api/public/media", json=announcement(b"seeded")).json()
        httpx.put(sending["uploadUrl"], content=b"seeded", headers={"Content-Type": "text/plain"})
        ids["media"] = sending["mediaId"]
        comment = {"projectId": PROJECT_ID, "objectType": "TRACE", "objectId": ids["trace"], "content": "seeded"}
        ids["comment"] = client.post("/api/public/comments", json=comment).json()["id"]
        queue = {"name": "seeded", "scoreConfigIds": [ids["config"]]}
        ids["queue"] = client.post("/api/public/annotation-queues", json=queue).json()["id"]
        items = f"/api/public/annotation-queues/{ids['queue']}/items"
        item = client.post(items, json={"objectId": ids["observation"], "objectType": "OBSERVATION"})
        ids |= {"queued": item.json()["id"], "user": first_user(server)}
        client.post(
            "/api/public/v2/prompts",
            json={"name": ids["prompt"], "type": "text", "prompt": "hi", "labels": ["production"]},
        )
        yield golden, {**ids, **seeded_dataset(client, golden, ids["trace"]), **seeded_project(server, golden)}


def seeded_dataset(client: httpx.Client, golden: Golden, trace_id: str) -> dict[str, str]:
    """Names of a dataset and a run over it, and ids of the dataset and its item."""
    name, run = golden.id("dataset"), golden.id("run")
    dataset = client.post("/api/public/v2/datasets", json={"name": name, "metadata": {"k": 1}}).json()
    item = {"datasetName": name, "input": "q", "sourceTraceId": trace_id}
    item_id = client.post("/api/public/dataset-items", json=item).json()["id"]
    link = {"runName": run, "datasetItemId": item_id, "traceId": trace_id}
    run_id = client.post("/api/public/dataset-run-items", json=link).json()["datasetRunId"]
    client.post("/api/public/scores", json={"datasetRunId": run_id, "name": "of-run", "value": 1})
    return {"dataset": name, "dataset_id": dataset["id"], "run": run, "item": item_id}


def seeded_project(server: RunningServer, golden: Golden) -> dict[str, str]:
    """Ids of a project of the organization, and of one of its keys."""
    with organization_client(server) as client:
        project = client.post("/api/public/projects", json={"name": golden.id("project"), "retention": 0}).json()
        key = client.post(f"/api/public/projects/{project['id']}/apiKeys", json={}).json()
        return {"project": project["id"], "key": key["id"]}


def first_user(server: RunningServer) -> str:
    """The id of the first start's admin, which no public API tells."""
    with closing(sqlite3.connect(server.log_file.with_suffix("") / "metadata.sqlite")) as metadata:
        [(user_id,)] = metadata.execute("SELECT id FROM users").fetchall()
    return user_id


def organization_client(server: RunningServer) -> httpx.Client:
    """A client with a key of the organization."""
    admin = {"Authorization": f"Bearer {ADMIN_KEY}"}
    made = httpx.post(f"{server.url}/api/admin/organizations/{ORGANIZATION_ID}/apiKeys", headers=admin, json={}).json()
    return httpx.Client(base_url=server.url, auth=(made["publicKey"], made["secretKey"]), timeout=30)


@pytest.mark.parametrize("operation_id", CALLS)
def test_the_answer_fits_the_document(
    operation_id: str, document: dict[str, Any], seeded: tuple[Golden, dict[str, str]], server: RunningServer
):
    _, ids = seeded
    call = CALLS[operation_id]

    with organization_client(server) if call.is_of_organization else server.client() as client:
        response = client.request(
            call.method,
            f"/api/public{call.path.format(**ids)}",
            params=filled(call.params, ids),
            json=filled(call.body, ids),
        )

    assert response.status_code == call.status, response.text
    schema = answer_schema(document, operation_id)
    if schema:
        validator = OAS30Validator({**schema, "components": document["components"]})
        problems = [
            f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(response.json())
        ]
        assert problems == []


def test_every_operation_of_ours_that_the_document_knows_is_called(document: dict[str, Any], server: RunningServer):
    with server.client() as client:
        own = client.get("/api/public/openapi.json").json()
    known = {
        (method.upper(), names_out_of(path)): operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    implemented = {
        known[method.upper(), names_out_of(path)]
        for path, methods in own["paths"].items()
        for method in methods
        if (method.upper(), names_out_of(path)) in known
    }

    assert implemented - set(CALLS) == set()


def filled(body: Any, ids: dict[str, str]) -> Any:
    """The body with `{name}` texts replaced by seeded ids."""
    if isinstance(body, dict):
        return {key: filled(value, ids) for key, value in cast(dict[str, Any], body).items()}
    if isinstance(body, list):
        return [filled(value, ids) for value in cast(list[Any], body)]
    if isinstance(body, str) and PLACEHOLDER.fullmatch(body):
        return body.format(**ids)
    return body


def answer_schema(document: dict[str, Any], operation_id: str) -> dict[str, Any] | None:
    """The schema of the operation's first successful answer; None when it has no body."""
    for methods in document["paths"].values():
        for operation in methods.values():
            if operation["operationId"] == operation_id:
                for status, answer in operation["responses"].items():
                    if status.startswith("2"):
                        return answer.get("content", {}).get("application/json", {}).get("schema")
    raise AssertionError(f"{operation_id} is not in the document")


def names_out_of(path: str) -> str:
    """A path without the names of its parameters, which both documents choose freely."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
