"""Every error has one status and body, whoever raised it, and nothing of a user's data is logged."""

import json
from collections.abc import AsyncGenerator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message
from structlog.testing import capture_logs

from elasticdash.shared import errors
from elasticdash.web import error_responses
from elasticdash.web.auth.principal import OrganizationKeyError

ISSUE = errors.FieldIssue(("batch", 0, "id"), "must be a text")


class Body(BaseModel):
    size: int


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    app = FastAPI()
    error_responses.add_to(app)

    @app.get("/unexpected")
    async def unexpected() -> None:
        raise KeyError("what the user wrote")

    @app.get("/unavailable")
    async def unavailable() -> None:
        raise errors.UnavailableError("Away", retry_after_seconds=7)

    @app.post("/sized")
    async def sized(body: Body) -> Body:
        return body

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (errors.InvalidRequestError("m"), 400, {"message": "m", "error": "InvalidRequestError"}),
        (
            errors.InvalidRequestError("m", [ISSUE]),
            400,
            {
                "message": "m",
                "error": [{"code": "custom", "path": ["batch", 0, "id"], "message": "must be a text"}],
            },
        ),
        (errors.PayloadTooLargeError("m"), 413, {"message": "m", "error": "PayloadTooLargeError"}),
        (errors.AuthenticationError("m"), 401, {"message": "m", "error": "UnauthorizedError"}),
        (errors.AccessDeniedError("m"), 403, {"message": "m", "error": "ForbiddenError"}),
        (errors.NotFoundError("m"), 404, {"message": "m", "error": "LangfuseNotFoundError"}),
        (errors.ConflictError("m"), 409, {"message": "m", "error": "LangfuseConflictError"}),
        (errors.QueryTooHeavyError("m"), 422, {"message": "m", "error": "Request timed out"}),
        (errors.UnavailableError("m"), 503, {"message": "m", "error": "ServiceUnavailableError"}),
        (errors.OverloadedError("m"), 503, {"message": "m", "error": "ServiceUnavailableError"}),
        (
            errors.ElasticDashError("m"),
            500,
            {"message": "Internal Server Error", "error": "An unknown error occurred"},
        ),
        (ValueError("m"), 500, {"message": "Internal Server Error", "error": "An unknown error occurred"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_error_response(error: Exception, status: int, body: dict[str, object]):
    assert error_responses.error_response(error)[:2] == (status, body)


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (
            errors.InvalidRequestError("m", [ISSUE]),
            400,
            {"message": "Invalid request data", "errors": ["batch.0.id: must be a text"]},
        ),
        (errors.InvalidRequestError("m"), 400, {"message": "Invalid request data", "errors": ["m"]}),
        (errors.PayloadTooLargeError("m"), 413, {"message": "m", "errors": ["m"]}),
        (
            OrganizationKeyError(),
            401,
            {
                "message": "Missing projectId in scope. Are you using an organization key?",
                "error": "UnauthorizedError",
            },
        ),
        (errors.AuthenticationError("m"), 401, {"message": "m", "error": "UnauthorizedError"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_ingestion_response(error: Exception, status: int, body: dict[str, object]):
    response = error_responses.ingestion_response(error)

    assert (response.status_code, json.loads(response.body)) == (status, body)


def test_otlp_response_holds_the_text_as_error():
    response = error_responses.otlp_response(errors.InvalidRequestError("Not an export"))

    assert response.status_code == 400
    assert json.loads(response.body)["error"] == "Not an export"


async def test_unexpected_error_is_answered_and_logged_without_its_message(client: httpx.AsyncClient):
    with capture_logs() as logs:
        response = await client.get("/unexpected")

    assert response.status_code == 500
    assert response.json() == {"message": "Internal Server Error", "error": "An unknown error occurred"}
    [entry] = logs
    assert (entry["event"], entry["kind"]) == ("unexpected_error", "builtins.KeyError")
    assert entry["frames"][-1].endswith(" unexpected")
    assert "what the user wrote" not in str(entry)


async def test_unavailable_says_when_to_try_again(client: httpx.AsyncClient):
    response = await client.get("/unavailable")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")


async def test_unknown_path_is_json(client: httpx.AsyncClient):
    response = await client.get("/nowhere")

    assert (response.status_code, response.json()) == (
        404,
        {"message": "Not Found", "error": "LangfuseNotFoundError"},
    )


@pytest.mark.parametrize("method", ["DELETE", "HEAD", "PUT"])
async def test_wrong_method(client: httpx.AsyncClient, method: str):
    response = await client.request(method, "/sized")

    assert response.status_code == 405
    if method != "HEAD":
        assert response.json() == {"message": "Method not allowed", "error": "MethodNotAllowedError"}


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        (b'{"size": "secret words"}', ["size"], "int_parsing"),
        (b"{}", ["size"], "missing"),
        (b"", [], "missing"),
        (b"{not json", [1], "json_invalid"),
        (b'{"size": NaN}', ["size"], "finite_number"),
    ],
)
async def test_invalid_body_names_rule_and_place_but_no_value(
    client: httpx.AsyncClient, content: bytes, path: list[object], code: str
):
    response = await client.post("/sized", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert response.json()["message"] == "Invalid request data"
    [issue] = response.json()["error"]
    assert (issue["path"], issue["code"]) == (path, code)
    assert "secret" not in response.text


async def test_client_that_leaves_while_sending_is_no_unexpected_error():
    app, messages = FastAPI(), [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def read(request: Request) -> Response:
        return Response(await request.body())

    app.router.routes.append(Route("/hot", read, methods=["POST"]))
    error_responses.add_to(app)
    scope = {"type": "http", "method": "POST", "path": "/hot", "headers": [], "query_string": b""}
    with capture_logs() as lines:
        await app(scope, receive, send)

    assert lines == []
    assert sent == []
