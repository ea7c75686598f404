"""What sets the number of pods, and how many a drain may take."""

from typing import Any

import pytest

from elasticdash.operator.naming import kinds
from support.operator import looks

NOTHING: frozenset[str] = frozenset()
KEDA = frozenset({kinds.SCALED_OBJECT})


def worker(**autoscaling: Any) -> dict[str, Any]:
    return {**looks.STANDARD, "worker": {"autoscaling": autoscaling}}


def autoscalers(spec: dict[str, Any], capabilities: frozenset[str] = NOTHING) -> dict[tuple[str, str], Any]:
    found = looks.by_key(looks.plan(spec, capabilities=capabilities))
    return {key: each["spec"] for key, each in found.items() if key[0] in ("HorizontalPodAutoscaler", "ScaledObject")}


@pytest.mark.parametrize(
    ("spec", "capabilities", "expected"),
    [
        (looks.DEV, KEDA, list[tuple[str, str]]()),
        (looks.STANDARD, NOTHING, [("HorizontalPodAutoscaler", "obs-web")]),
        (looks.STANDARD, KEDA, [("HorizontalPodAutoscaler", "obs-web"), ("ScaledObject", "obs-worker")]),
        (worker(mode="KEDA"), NOTHING, [("HorizontalPodAutoscaler", "obs-web")]),
        (worker(mode="Builtin"), KEDA, [("HorizontalPodAutoscaler", "obs-web")]),
        (
            worker(mode="HPA"),
            KEDA,
            [("HorizontalPodAutoscaler", "obs-web"), ("HorizontalPodAutoscaler", "obs-worker")],
        ),
        ({**worker(mode="None"), "web": {"autoscaling": {"mode": "None"}}}, KEDA, list[tuple[str, str]]()),
    ],
)
def test_each_component_has_one_owner_of_its_number(spec: Any, capabilities: frozenset[str], expected: Any) -> None:
    assert list(autoscalers(spec, capabilities)) == expected


def test_keda_scales_on_lag_and_pending_together_and_on_age() -> None:
    scaled = autoscalers(worker(targetQueueItems=200, maxOldestAge="30s"), KEDA)["ScaledObject", "obs-worker"]

    assert [trigger["metadata"]["valueLocation"] for trigger in scaled["triggers"]] == [
        *("lag", "pending", "oldest_age_seconds")
    ]
    assert {trigger["metadata"]["url"] for trigger in scaled["triggers"]} == {
        "http://obs-web-operations.default.svc:9464/api/queue"
    }
    assert scaled["advanced"]["scalingModifiers"]["formula"] == "max((lag + pending) / 200.0, age / 30.0)"


@pytest.mark.parametrize(
    ("settings", "fewest", "fallback"),
    [({}, 2, 2), ({"scaleToZero": True}, 0, 2), ({"fallback": {"replicas": 5}, "minReplicas": 3}, 3, 5)],
)
def test_a_queue_that_cannot_be_read_never_means_no_workers(settings: Any, fewest: int, fallback: int) -> None:
    scaled = autoscalers(worker(**settings), KEDA)["ScaledObject", "obs-worker"]

    assert scaled["minReplicaCount"] == fewest
    assert scaled["fallback"] == {"failureThreshold": 3, "replicas": fallback, "behavior": "currentReplicasIfHigher"}


@pytest.mark.parametrize(
    ("mode", "kind", "field"),
    [("KEDA", "ScaledObject", "maxReplicaCount"), ("HPA", "HorizontalPodAutoscaler", "maxReplicas")],
)
def test_no_more_workers_than_the_database_has_connections_for(mode: str, kind: str, field: str) -> None:
    spec = {**worker(mode=mode), "stores": {"postgres": {"poolSize": 10, "maxConnections": 150}}}

    assert autoscalers(spec, KEDA)[kind, "obs-worker"][field] == 5


def test_web_follows_its_cpu_at_the_pace_that_is_asked_for() -> None:
    settings = {
        "minReplicas": 3,
        "maxReplicas": 9,
        "targetCpuPercent": 50,
        "behavior": {"scaleUp": {"window": "10s", "pods": 1}, "scaleDown": {"window": "10m", "percent": 5}},
    }

    hpa = autoscalers({**looks.STANDARD, "web": {"autoscaling": settings}})["HorizontalPodAutoscaler", "obs-web"]

    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (3, 9)
    assert hpa["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
    assert hpa["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 10
    assert hpa["behavior"]["scaleUp"]["policies"][1]["value"] == 1
    assert hpa["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 600
    assert hpa["behavior"]["scaleDown"]["policies"][0]["value"] == 5


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (looks.DEV, []),
        ({**looks.DEV, "web": {"replicas": 2}}, ["obs-web"]),
        (looks.STANDARD, ["obs-web", "obs-worker"]),
        (worker(minReplicas=1), ["obs-web"]),
        (worker(scaleToZero=True), ["obs-web"]),
    ],
)
def test_a_budget_guards_components_of_two_pods_and_more(spec: dict[str, Any], expected: list[str]) -> None:
    found = looks.by_key(looks.plan(spec))

    assert [name for kind, name in found if kind == "PodDisruptionBudget"] == expected
