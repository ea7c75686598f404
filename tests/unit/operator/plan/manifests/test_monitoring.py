"""What Prometheus and Grafana find."""

import json
import re
from typing import Any

import pytest

from elasticdash.operator.naming import kinds
from elasticdash.shared.telemetry import metrics
from support.operator import looks

SERVED = {kinds.SERVICE_MONITOR, kinds.PROMETHEUS_RULE}


def monitored(**observability: Any) -> dict[tuple[str, str], Any]:
    return looks.by_key(looks.plan({**looks.STANDARD, "observability": observability}, capabilities=SERVED))


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("serviceMonitor", ("ServiceMonitor", "obs")),
        ("prometheusRule", ("PrometheusRule", "obs")),
        ("dashboard", ("ConfigMap", "obs-dashboard")),
    ],
)
def test_each_can_be_turned_off(setting: str, key: tuple[str, str]) -> None:
    assert key in monitored()
    assert key not in monitored(**{setting: "Off"})


def test_they_carry_the_labels_that_selectors_want() -> None:
    found = monitored(labels={"release": "prometheus"})

    for key in (("ServiceMonitor", "obs"), ("PrometheusRule", "obs"), ("ConfigMap", "obs-dashboard")):
        assert found[key]["metadata"]["labels"]["release"] == "prometheus"
    assert found["ConfigMap", "obs-dashboard"]["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_the_ports_of_both_components_are_scraped() -> None:
    found = monitored()
    monitor = found["ServiceMonitor", "obs"]["spec"]
    wanted = monitor["selector"]["matchExpressions"][0]["values"]

    scraped = [
        name
        for (kind, name), service in found.items()
        if kind == "Service"
        and service["metadata"]["labels"]["app.kubernetes.io/component"] in wanted
        and monitor["endpoints"][0]["port"] in [port["name"] for port in service["spec"]["ports"]]
    ]
    assert scraped == ["obs-web-operations", "obs-worker"]


def test_only_metrics_that_exist_are_asked_for() -> None:
    found = monitored()
    rules = [rule["expr"] for rule in found["PrometheusRule", "obs"]["spec"]["groups"][0]["rules"]]
    dashboard = json.loads(found["ConfigMap", "obs-dashboard"]["data"]["obs-dashboard.json"])
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    known = {sample.name for metric in metrics.REGISTRY.collect() for sample in metric.samples}
    known |= {metric.name for metric in metrics.REGISTRY.collect()}
    known |= {
        f"{metric.name}{ending}" for metric in metrics.REGISTRY.collect() for ending in ("_total", "_sum", "_bucket")
    }

    used = {name for text in rules + panels for name in re.findall(r"(?:elasticdash|process)_[a-z_]+", text)}

    assert len(rules) >= 6
    assert used <= known


def test_alerts_follow_the_age_that_is_aimed_at() -> None:
    state = looks.plan({**looks.STANDARD, "worker": {"autoscaling": {"maxOldestAge": "2m"}}}, capabilities=SERVED)

    rules = looks.by_key(state)["PrometheusRule", "obs"]["spec"]["groups"][0]["rules"]
    (old,) = [rule for rule in rules if rule["alert"] == "ElasticDashBacklogOld"]
    assert old["expr"].endswith("> 1200")
    assert 'service="obs-web-operations"' in old["expr"]
