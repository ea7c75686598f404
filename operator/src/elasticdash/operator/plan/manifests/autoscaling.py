"""What sets the number of pods: HorizontalPodAutoscalers by CPU, a ScaledObject of KEDA by the queue."""

from collections.abc import Sequence

from elasticdash.operator.api.enums import WebScaling, WorkerScaling
from elasticdash.operator.api.scaling import Behavior
from elasticdash.operator.naming import kinds, names
from elasticdash.operator.plan import objects, profiles, scaling
from elasticdash.operator.plan.environment import OPERATIONS_PORT, whole_seconds
from elasticdash.operator.plan.manifests.blueprint import WEB, WORKER, Blueprint
from elasticdash.operator.plan.observed import Manifest

# KEDA's own default is 30: a backlog is seen sooner.
_POLLING_SECONDS = 15


def autoscalers(blueprint: Blueprint) -> Sequence[Manifest]:
    """One for each component whose number of pods the cluster sets, and none for the others."""
    spec, found = blueprint.spec, list[Manifest]()
    if blueprint.web_scaling is WebScaling.HPA:
        web = spec.web.autoscaling
        bounds = (web.min_replicas, web.max_replicas, web.target_cpu_percent)
        found.append(_by_cpu(blueprint, names.web(blueprint.name), WEB, bounds, web.behavior))
    worker = spec.worker.autoscaling
    if blueprint.worker_scaling is WorkerScaling.HPA:
        most = scaling.worker_ceiling(spec)
        bounds = (min(worker.min_replicas, most), most, worker.target_cpu_percent)
        found.append(_by_cpu(blueprint, names.worker(blueprint.name), WORKER, bounds, worker.behavior))
    if blueprint.worker_scaling is WorkerScaling.KEDA and blueprint.serves(kinds.SCALED_OBJECT):
        found.append(_by_queue(blueprint))
    return found


def _by_cpu(
    blueprint: Blueprint, name: str, component: str, bounds: tuple[int, int, int], behavior: Behavior
) -> Manifest:
    fewest, most, percent = bounds
    target = {"type": "Utilization", "averageUtilization": percent}
    body = {
        "spec": {
            "scaleTargetRef": _target(name),
            "minReplicas": fewest,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
            "behavior": _behavior(behavior),
        }
    }
    return objects.child(blueprint.instance, kinds.HORIZONTAL_POD_AUTOSCALER, name, component, body)


def _by_queue(blueprint: Blueprint) -> Manifest:
    """Workers for what waits and what is taken, and more of them the later the oldest is.

    Web tells how it stands, so KEDA needs no address and no password of Redis. While web can't tell, the number stays
    or rises to the fallback; it never falls to none because the queue can't be read.
    """
    settings = blueprint.spec.worker.autoscaling
    most = scaling.worker_ceiling(blueprint.spec)
    fewest = min(profiles.fewest_workers(blueprint.spec, blueprint.observed.capabilities), most)
    age_seconds = whole_seconds(settings.max_oldest_age)
    formula = f"max((lag + pending) / {settings.target_queue_items}.0, age / {age_seconds}.0)"
    body = {
        "spec": {
            "scaleTargetRef": _target(names.worker(blueprint.name)),
            "pollingInterval": _POLLING_SECONDS,
            "minReplicaCount": fewest,
            "maxReplicaCount": most,
            "cooldownPeriod": whole_seconds(settings.behavior.scale_down.window),
            "fallback": {
                "failureThreshold": settings.fallback.failure_threshold,
                "replicas": min(settings.fallback.replicas or settings.min_replicas, most),
                "behavior": "currentReplicasIfHigher",
            },
            "advanced": {
                "horizontalPodAutoscalerConfig": {"behavior": _behavior(settings.behavior)},
                "scalingModifiers": {
                    "formula": formula,
                    "target": "1",
                    "activationTarget": "0",
                    "metricType": "AverageValue",
                },
            },
            "triggers": [
                _trigger(blueprint, name, field)
                for name, field in (("lag", "lag"), ("pending", "pending"), ("age", "oldest_age_seconds"))
            ],
        }
    }
    return objects.child(blueprint.instance, kinds.SCALED_OBJECT, names.worker(blueprint.name), WORKER, body)


def _trigger(blueprint: Blueprint, name: str, field: str) -> Manifest:
    host = f"{names.web_operations(blueprint.name)}.{blueprint.instance.namespace}.svc"
    metadata = {
        "url": f"http://{host}:{OPERATIONS_PORT}/api/queue",
        "format": "json",
        "valueLocation": field,
        "targetValue": "1",
    }
    return {"type": "metrics-api", "name": name, "metricType": "AverageValue", "metadata": metadata}


def _behavior(behavior: Behavior) -> Manifest:
    up, down = behavior.scale_up, behavior.scale_down
    up_seconds, down_seconds = whole_seconds(up.period), whole_seconds(down.period)
    return {
        "scaleUp": {
            "stabilizationWindowSeconds": whole_seconds(up.window),
            "selectPolicy": "Max",
            "policies": [
                {"type": "Percent", "value": up.percent, "periodSeconds": up_seconds},
                {"type": "Pods", "value": up.pods, "periodSeconds": up_seconds},
            ],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": whole_seconds(down.window),
            "selectPolicy": "Max",
            "policies": [{"type": "Percent", "value": down.percent, "periodSeconds": down_seconds}],
        },
    }


def _target(name: str) -> Manifest:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
