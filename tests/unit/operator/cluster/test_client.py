"""The API client against a server that is busy, forgets, refuses, hangs up, or serves more kinds than before."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio import client

from elasticdash.operator.cluster.client import Cluster
from elasticdash.shared import errors

HANG_UP = "hang up"
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "prod", "uid": "u"}}
PATH = "/api/v1/namespaces/prod/services"


def kind(name: str, plural: str) -> dict[str, Any]:
    return {"resource": plural, "scope": "Namespaced", "responseKind": {"kind": name}}


class Server:
    """Answers discovery, and other requests with the next of `answers`: a status, an object, or no answer at all."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.requests: list[web.Request] = []
        self.bodies: list[Any] = []
        self.groups: list[Any] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/api":
            core: dict[str, Any] = {
                "metadata": {},
                "versions": [{"version": "v1", "resources": [kind("Service", "services")]}],
            }
            return web.json_response({"items": [core]})
        if request.path == "/apis":
            return web.json_response({"items": self.groups})
        self.requests.append(request)
        self.bodies.append(await request.json() if request.can_read_body else None)
        answer: Any = self.answers.pop(0) if self.answers else {}
        if answer == HANG_UP:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(answer, int):
            return web.json_response({"message": "because"}, status=answer)
        return web.json_response(answer)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def cluster(server: Server) -> AsyncGenerator[Cluster]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with TestServer(app) as running:
        configuration = client.Configuration()
        configuration.host = str(running.make_url("")).rstrip("/")
        found = Cluster(client.ApiClient(configuration), retry_delays_seconds=(0.01, 0.01), discovery_seconds=0)
        yield found
        await found.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (409, errors.ConflictError),
        (403, errors.AccessDeniedError),
        (401, errors.AccessDeniedError),
        (422, errors.InvalidRequestError),
        (404, errors.NotFoundError),
        (500, errors.UnavailableError),
    ],
)
async def test_what_is_refused_says_what_was_asked_and_why(
    cluster: Cluster, server: Server, status: int, error: type[Exception]
):
    server.answers = [status]

    with pytest.raises(error, match=f"PATCH {PATH}/a: because"):
        await cluster.apply(SERVICE)

    assert len(server.requests) == 1


async def test_a_busy_server_is_asked_again_and_at_last_believed(cluster: Cluster, server: Server):
    server.answers = [429, 503, SERVICE]
    assert (await cluster.apply(SERVICE))["metadata"]["name"] == "a"

    server.answers = [429, 429, 429]
    with pytest.raises(errors.UnavailableError):
        await cluster.apply(SERVICE)
    assert len(server.requests) == 6


async def test_a_connection_that_breaks_is_tried_again_but_nothing_is_made_twice(cluster: Cluster, server: Server):
    server.answers = [HANG_UP, SERVICE]
    assert (await cluster.apply(SERVICE))["metadata"]["name"] == "a"

    server.answers = [HANG_UP, SERVICE]
    with pytest.raises(errors.UnavailableError):
        await cluster.create(SERVICE)
    assert server.answers == [SERVICE]


async def test_a_list_goes_on_over_pages_and_begins_again_when_the_server_forgot(cluster: Cluster, server: Server):
    first = {"items": [{"metadata": {"name": "a"}}], "metadata": {"continue": "t"}}
    last: dict[str, Any] = {"items": [{"metadata": {"name": "b"}}], "metadata": {}}
    server.answers = [first, 410, first, last]

    found = await cluster.list_all("v1", "Service", "prod", {"x": "1", "a": "2"})

    assert [each["metadata"]["name"] for each in found] == ["a", "b"]
    assert {each["kind"] for each in found} == {"Service"}
    assert server.requests[0].query["labelSelector"] == "a=2,x=1"
    assert server.requests[3].query["continue"] == "t"


async def test_a_list_that_never_ends_well_is_given_up(cluster: Cluster, server: Server):
    server.answers = [410] * 3

    with pytest.raises(errors.UnavailableError):
        await cluster.list_all("v1", "Service", "prod")


async def test_what_an_api_installed_later_serves_is_seen(cluster: Cluster, server: Server):
    before = await cluster.capabilities()
    group = {"version": "v1alpha1", "resources": [kind("ScaledObject", "scaledobjects")]}
    server.groups = [{"metadata": {"name": "keda.sh"}, "versions": [group]}]

    after = await cluster.capabilities()

    assert after - before == {"keda.sh/v1alpha1/ScaledObject"}
    assert await cluster.list_all("example.org/v1", "Unknown", "prod") == []
    server.answers = [404]
    assert await cluster.list_all("keda.sh/v1alpha1", "ScaledObject", "prod") == []
    assert await cluster.find("example.org/v1", "Unknown", "prod", "a") is None


async def test_an_apply_is_the_whole_intent_under_our_name(cluster: Cluster, server: Server):
    await cluster.apply(SERVICE)

    request = server.requests[0]
    assert (request.method, request.path) == ("PATCH", f"{PATH}/a")
    assert dict(request.query) == {"fieldManager": "elasticdash-operator", "force": "true"}
    assert request.content_type == "application/apply-patch+yaml"
    assert server.bodies[0] == SERVICE


async def test_only_the_very_object_is_deleted_and_one_that_is_gone_is_well(cluster: Cluster, server: Server):
    server.answers = [{}, 404, 409]

    for _ in range(3):
        await cluster.delete(SERVICE, "Foreground")

    assert server.bodies[0] == {"propagationPolicy": "Foreground", "preconditions": {"uid": "u"}}


async def test_a_scale_carries_nothing_but_the_number(cluster: Cluster, server: Server):
    await cluster.scale(SERVICE, 3)

    assert server.requests[0].path == f"{PATH}/a/scale"
    assert server.bodies[0] == {"spec": {"replicas": 3}}
