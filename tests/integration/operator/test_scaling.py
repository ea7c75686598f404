"""Builtin scaling on a real API server: the Deployment follows the queue, and nobody fights over its replicas."""

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from support.kubernetes.api import Object, eventually
from support.kubernetes.operator import Instance, Operator
from support.kubernetes.operator_fixtures import QUICK, Stage

STORES = {
    "DATABASE_URL": "postgresql://u:p@db:5432/logger",
    "CLICKHOUSE_URL": "http://clickhouse:8123",
    "REDIS_CONNECTION_STRING": "redis://redis:6379",
    "ELASTICDASH_S3_EVENT_UPLOAD_BUCKET": "events",
}


class Queue:
    """What an instance's web says of its queue; None: that it can't be read."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] | None = {"lag": 0, "pending": 0, "oldest_age_seconds": 0.0}
        queue = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(queue.answer or {"status": "unavailable"}).encode()
                self.send_response(200 if queue.answer and self.path == "/api/queue" else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its name in the base class
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it answers, whatever the Service."""
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def queue() -> Generator[Queue]:
    found = Queue()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join(10)


def test_workers_follow_the_queue_and_stay_when_it_cannot_be_read(
    stage: Stage, instance: Instance, queue: Queue, tmp_path: Path
) -> None:
    metadata = {"name": "stores", "namespace": instance.namespace}
    instance.api.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": STORES})
    settings = {**QUICK, "SERVICE_URL": queue.url}
    autoscaling = {"mode": "Builtin", "maxReplicas": 9, "behavior": {"scaleUp": {"period": "1s"}}}
    with Operator(stage.cluster.kubeconfig, [instance.namespace], tmp_path, settings) as operator:
        instance.apply(storesFrom={"secretRef": {"name": "stores"}}, worker={"autoscaling": autoscaling})
        instance.wait_for_phase("Ready")
        assert _replicas(instance) == 2
        instance.wait_for("AutoscalingActive", "Builtin")

        queue.answer = {"lag": 100, "pending": 2_400, "oldest_age_seconds": 20.0}
        eventually(lambda: _replicas(instance), lambda replicas: replicas == 5, 40)

        queue.answer = {"lag": 9_000, "pending": 0, "oldest_age_seconds": 90.0}
        instance.wait_for("AutoscalingActive", "AtMax")
        eventually(lambda: _replicas(instance), lambda replicas: replicas == 9, 60)
        assert instance.condition("QueueHealthy")["reason"] == "Backlogged"

        queue.answer = None
        instance.wait_for("AutoscalingActive", "MetricUnavailable")
        assert instance.condition("QueueHealthy")["status"] == "Unknown"
        # An apply of the whole Deployment doesn't take the number back.
        instance.annotate("restart-at", "2026-01-01T00:00:00Z")
        eventually(lambda: _worker(instance), lambda found: "annotations" in found["spec"]["template"]["metadata"])
        instance.wait_for("WorkersReady", "Available")
        assert _replicas(instance) == 9
        assert operator.metric("elasticdash_operator_scalings_total") == 3


def _worker(instance: Instance) -> Object:
    found = instance.child("apps/v1", "Deployment", "worker")
    assert found is not None
    return found


def _replicas(instance: Instance) -> int:
    return _worker(instance)["spec"]["replicas"]
