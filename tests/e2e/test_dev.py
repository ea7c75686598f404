"""Profile dev in real containers: five lines of YAML become a Logger that a real SDK uses."""

from collections.abc import Mapping

import pytest
from helm_python import Config

from support.kubernetes import application
from support.kubernetes.api import Object
from support.kubernetes.operator import Instance
from support.kubernetes.whole_cluster import RELEASE, TEST_SECONDS

READY_SECONDS = 900

pytestmark = pytest.mark.timeout(3000)


@pytest.mark.capability("From Helm and five lines of YAML to a Logger with stores, schemas, web and workers")
def test_five_lines_become_a_ready_instance(instance: Instance):
    instance.wait_for_phase("Ready", READY_SECONDS)

    selector = f"app.kubernetes.io/instance={instance.name}"
    pods = instance.api.list("v1", "Pod", instance.namespace, labelSelector=selector)
    running = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in pods if _runs(pod)}
    assert running == {"web", "worker", "postgres", "clickhouse", "redis", "objectstore"}
    assert instance.condition("MigrationsApplied")["status"] == "True"


@pytest.mark.capability("SDKs in pods, with the delivered keys")
def test_a_real_sdk_in_a_pod_sends_a_trace_and_reads_it_back(instance: Instance, images: Mapping[str, str]):
    instance.wait_for_phase("Ready", READY_SECONDS)

    read = application.run(instance, images["sdk"], "application", application.SDK)

    assert read["observations"] == ["answer", "think"]


@pytest.mark.capability("`helm test`")
def test_helm_test_sends_a_trace_and_reads_it_back(instance: Instance, installed: Config):
    instance.wait_for_phase("Ready", READY_SECONDS)

    installed.test(RELEASE, timeout=TEST_SECONDS)

    hooks = installed.get_all(RELEASE)["hooks"]
    assert [hook["last_run"]["phase"] for hook in hooks] == ["Succeeded"], hooks


def _runs(pod: Object) -> bool:
    conditions = {entry["type"]: entry["status"] for entry in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True"
