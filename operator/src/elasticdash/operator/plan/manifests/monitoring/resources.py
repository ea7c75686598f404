"""The objects that a Prometheus and a Grafana in the cluster find."""

from collections.abc import Sequence

from elasticdash.operator.api.enums import WhenAvailable
from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.plan import objects
from elasticdash.operator.plan.environment import whole_seconds
from elasticdash.operator.plan.manifests.blueprint import WEB, WORKER, Blueprint
from elasticdash.operator.plan.manifests.monitoring import dashboard, rules
from elasticdash.operator.plan.manifests.monitoring.rules import Target
from elasticdash.operator.plan.observed import Manifest

_COMPONENT = "monitoring"
# What Grafana's sidecar looks for.
_DASHBOARD_LABEL = {"grafana_dashboard": "1"}


def monitoring(blueprint: Blueprint) -> Sequence[Manifest]:
    """What the spec doesn't turn off and the API server serves. A dashboard comes only where something is scraped."""
    wanted = blueprint.spec.observability
    found: list[Manifest] = []
    is_scraped = blueprint.serves(kinds.SERVICE_MONITOR)
    if wanted.service_monitor is WhenAvailable.AUTO and is_scraped:
        found.append(_service_monitor(blueprint))
    if wanted.prometheus_rule is WhenAvailable.AUTO and blueprint.serves(kinds.PROMETHEUS_RULE):
        found.append(_prometheus_rule(blueprint))
    if wanted.dashboard is WhenAvailable.AUTO and is_scraped:
        found.append(_dashboard(blueprint))
    return found


def _service_monitor(blueprint: Blueprint) -> Manifest:
    components = {"key": labels.COMPONENT, "operator": "In", "values": [WEB, WORKER]}
    body = {
        "spec": {
            "selector": {"matchLabels": {labels.INSTANCE: blueprint.name}, "matchExpressions": [components]},
            "namespaceSelector": {"matchNames": [blueprint.instance.namespace]},
            "endpoints": [{"port": "operations", "path": "/metrics", "interval": "30s"}],
        }
    }
    return _labelled(
        blueprint, objects.child(blueprint.instance, kinds.SERVICE_MONITOR, blueprint.name, _COMPONENT, body)
    )


def _prometheus_rule(blueprint: Blueprint) -> Manifest:
    max_age_seconds = whole_seconds(blueprint.spec.worker.autoscaling.max_oldest_age)
    group = {"name": f"elasticdash.{blueprint.name}", "rules": rules.alerts(_target(blueprint), max_age_seconds)}
    body = {"spec": {"groups": [group]}}
    return _labelled(
        blueprint, objects.child(blueprint.instance, kinds.PROMETHEUS_RULE, blueprint.name, _COMPONENT, body)
    )


def _dashboard(blueprint: Blueprint) -> Manifest:
    title = f"ElasticDash {blueprint.instance.namespace}/{blueprint.name}"
    name = f"{blueprint.name}-dashboard"
    body = {"data": {f"{name}.json": dashboard.as_json(_target(blueprint), title)}}
    manifest = objects.child(blueprint.instance, kinds.CONFIG_MAP, name, _COMPONENT, body)
    return _labelled(blueprint, objects.labelled(manifest, _DASHBOARD_LABEL))


def _target(blueprint: Blueprint) -> Target:
    operations, worker = names.web_operations(blueprint.name), names.worker(blueprint.name)
    return Target(blueprint.instance.namespace, operations, worker)


def _labelled(blueprint: Blueprint, manifest: Manifest) -> Manifest:
    return objects.labelled(manifest, blueprint.spec.observability.labels)
