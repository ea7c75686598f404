"""Profile dev in real containers: five lines of YAML become a Logger that a real SDK uses."""

import json
from collections.abc import Generator, Mapping
from typing import Any

import pytest

from support.kubernetes.api import Object, eventually
from support.kubernetes.cluster import Cluster

READY_SECONDS = 600
TRACE_SECONDS = 180
NAME = "obs"
LOGGER = ("elasticdash.io/v1alpha1", "ElasticDashLogger", NAME)
# What an application in the cluster does: sends a trace, and asks for it until it is there.
SCRIPT = """
import json, time
from langfuse import Langfuse
langfuse = Langfuse()
assert langfuse.auth_check()
with langfuse.start_as_current_observation(name="answer", input={"question": "six by nine"}) as root:
    with langfuse.start_as_current_observation(name="think", as_type="generation", model="gpt-4o") as generation:
        generation.update(output="42", usage_details={"input": 10, "output": 5})
    root.update(output="42")
    trace_id = root.trace_id
langfuse.flush()
deadline = time.monotonic() + 120
while True:
    try:
        trace = langfuse.api.trace.get(trace_id)
        if len(trace.observations) == 2:
            break
    except Exception as error:
        if time.monotonic() > deadline:
            raise
    assert time.monotonic() < deadline, "the trace did not come back whole"
    time.sleep(1)
print(json.dumps({"id": trace.id, "observations": sorted(each.name for each in trace.observations)}))
"""

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module")
def instance(cluster: Cluster, installed: str) -> Generator[str]:
    """The namespace of an instance of profile dev."""
    with cluster.namespace({"pod-security.kubernetes.io/enforce": "restricted"}) as namespace:
        cluster.api.apply(make_logger(namespace))
        yield namespace


def make_logger(namespace: str, **spec: Any) -> Object:
    return {
        "apiVersion": LOGGER[0],
        "kind": LOGGER[1],
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {"profile": "dev", **spec},
    }


def conditions_of(logger: Object) -> Mapping[str, tuple[str, str, str]]:
    entries: list[Object] = logger.get("status", {}).get("conditions", [])
    return {entry["type"]: (entry["status"], entry["reason"], entry.get("message", "")) for entry in entries}


def ready_logger(cluster: Cluster, namespace: str) -> Object:
    return eventually(
        lambda: cluster.api.get(*LOGGER, namespace),
        lambda found: conditions_of(found).get("Ready", ("",))[0] == "True",
        READY_SECONDS,
    )


def make_application(namespace: str, image: str, name: str = "application") -> Object:
    def from_keys(key: str) -> Object:
        return {"secretKeyRef": {"name": f"{NAME}-keys", "key": key}}

    variables = {"LANGFUSE_HOST": "host", "LANGFUSE_PUBLIC_KEY": "publicKey", "LANGFUSE_SECRET_KEY": "secretKey"}
    container = {
        "name": "main",
        "image": image,
        "args": ["-c", SCRIPT],
        "env": [{"name": variable, "valueFrom": from_keys(key)} for variable, key in variables.items()],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"restartPolicy": "Never", "securityContext": security, "containers": [container]},
    }


def log_of(cluster: Cluster, namespace: str, pod: str) -> str:
    return cluster.api.request("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}/log").text


def test_five_lines_become_a_ready_instance(cluster: Cluster, instance: str):
    logger = ready_logger(cluster, instance)

    pods = cluster.api.list("v1", "Pod", instance, labelSelector=f"app.kubernetes.io/instance={NAME}")
    running = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in pods if _runs(pod)}
    assert running == {"web", "worker", "postgres", "clickhouse", "redis", "objectstore"}
    assert conditions_of(logger)["MigrationsApplied"][0] == "True"


def test_a_real_sdk_in_a_pod_sends_a_trace_and_reads_it_back(
    cluster: Cluster, instance: str, images: Mapping[str, str]
):
    ready_logger(cluster, instance)
    application = make_application(instance, images["sdk"])

    cluster.api.create(application)

    ended = eventually(
        lambda: cluster.api.get("v1", "Pod", "application", instance),
        lambda pod: pod["status"]["phase"] in ("Succeeded", "Failed"),
        TRACE_SECONDS,
    )
    log = log_of(cluster, instance, "application")
    assert ended["status"]["phase"] == "Succeeded", log
    assert json.loads(log.splitlines()[-1])["observations"] == ["answer", "think"]


def _runs(pod: Object) -> bool:
    conditions = {entry["type"]: entry["status"] for entry in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True"
