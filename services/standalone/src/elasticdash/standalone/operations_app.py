"""What those who run the Logger read, on a port of its own: metrics, the queue's state, a worker's health."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from elasticdash.shared.backlog import BacklogWatch
from elasticdash.shared.telemetry import metrics

Answer = tuple[int, str, bytes]
Endpoint = Callable[[], Awaitable[Answer]]
Message = Mapping[str, Any]

_JSON = "application/json"


class OperationsApp:
    """A few paths without parameters; no framework, so that a worker needs none."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = endpoints

    async def __call__(
        self,
        scope: Message,
        _receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer a GET of a known path; 404 for everything else."""
        endpoint = self._endpoints.get(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
        status, content_type, body = await endpoint() if endpoint else json_answer(404, {"message": "Not Found"})
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def json_answer(status: int, content: Mapping[str, Any]) -> Answer:
    """An answer that carries an object."""
    return status, _JSON, json.dumps(content).encode()


async def metrics_answer() -> Answer:
    """What Prometheus scrapes."""
    return 200, metrics.CONTENT_TYPE, metrics.render()


async def alive_answer() -> Answer:
    """200 while the process's loop turns: what a liveness probe asks."""
    return json_answer(200, {"status": "OK"})


def ready_answer(problem: Callable[[], str | None]) -> Endpoint:
    """200 while work is taken; 503 with the reason in `status` while it isn't."""

    async def answer() -> Answer:
        reason = problem()
        return json_answer(503 if reason else 200, {"status": reason or "OK"})

    return answer


def queue_answer(watch: BacklogWatch) -> Endpoint:
    """What an autoscaler reads: `{lag, pending, oldest_age_seconds}`; 503 while the queue can't be read."""

    async def answer() -> Answer:
        if watch.latest is None:
            return json_answer(503, {"message": "The queue can't be read"})
        return json_answer(200, asdict(watch.latest))

    return answer
