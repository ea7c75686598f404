"""The Deployments of web and worker."""

from collections.abc import Mapping
from typing import cast

from elasticdash.operator.api.enums import WebScaling, WorkerScaling
from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.plan import environment, objects
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.environment import OPERATIONS_PORT, WEB_PORT, WORKER_PORT, whole_seconds
from elasticdash.operator.plan.manifests import overlay, pods
from elasticdash.operator.plan.manifests.blueprint import WEB, WORKER, Blueprint
from elasticdash.operator.plan.manifests.pods import GRACE_MARGIN_SECONDS, Pod
from elasticdash.operator.plan.observed import Manifest

# Endpoints disappear everywhere while the pod still answers; only then the process hears of its end.
_WEB_PRE_STOP_SECONDS = 5
# What web does after that: its readiness fails and it still listens, then it finishes what is in flight.
_WEB_DRAIN_DELAY_SECONDS = 5
_WEB_DRAIN_SECONDS = 30


def web(blueprint: Blueprint, image: str) -> Manifest:
    """Web's Deployment, running this image."""
    spec = blueprint.spec.web
    variables = {
        **environment.of_web(blueprint.observed),
        "ELASTICDASH_HTTP_DRAIN_DELAY_SECONDS": str(_WEB_DRAIN_DELAY_SECONDS),
        "ELASTICDASH_DRAIN_TIMEOUT_SECONDS": str(_WEB_DRAIN_SECONDS),
    }
    more = {
        "args": ["web"],
        "env": environment.as_list(variables, blueprint.observed),
        "ports": [_port("http", WEB_PORT), _port("operations", OPERATIONS_PORT)],
        **pods.probes(spec.probes, "http", "/api/public/health", "/api/public/ready"),
        "lifecycle": {"preStop": {"sleep": {"seconds": _WEB_PRE_STOP_SECONDS}}},
    }
    grace = _WEB_PRE_STOP_SECONDS + _WEB_DRAIN_DELAY_SECONDS + _WEB_DRAIN_SECONDS + GRACE_MARGIN_SECONDS
    pod = Pod(
        component=WEB,
        service_account=names.web(blueprint.name),
        containers=[pods.container(blueprint, WEB, image, spec.resources, more)],
        annotations=_pod_annotations(blueprint, environment.hash_of_secrets(variables, blueprint.observed)),
        more={"terminationGracePeriodSeconds": grace, **pods.spread(blueprint, WEB)},
    )
    template = overlay.merged(pods.template(blueprint, pod), spec.pod_template or {})
    own = spec.replicas if blueprint.web_scaling is WebScaling.NONE else None
    return _deployment(blueprint, names.web(blueprint.name), WEB, template, own)


def worker(blueprint: Blueprint, image: str) -> Manifest:
    """The workers' Deployment, running this image."""
    spec = blueprint.spec.worker
    variables = environment.of_worker(blueprint.observed)
    more = {
        "args": ["worker"],
        "env": environment.as_list(variables, blueprint.observed),
        "ports": [_port("operations", WORKER_PORT)],
        **pods.probes(spec.probes, "operations", "/api/health", "/api/ready"),
    }
    pod = Pod(
        component=WORKER,
        service_account=names.worker(blueprint.name),
        containers=[pods.container(blueprint, WORKER, image, spec.resources, more)],
        annotations=_pod_annotations(blueprint, environment.hash_of_secrets(variables, blueprint.observed)),
        more={
            "terminationGracePeriodSeconds": whole_seconds(spec.drain_timeout) + GRACE_MARGIN_SECONDS,
            **pods.spread(blueprint, WORKER),
        },
    )
    template = overlay.merged(pods.template(blueprint, pod), spec.pod_template or {})
    return _deployment(blueprint, names.worker(blueprint.name), WORKER, template, _own_workers(blueprint))


def _own_workers(blueprint: Blueprint) -> int | None:
    """The workers this operator's apply asks for; None where somebody else sets them."""
    spec, scaling = blueprint.spec.worker, blueprint.worker_scaling
    if scaling is WorkerScaling.NONE:
        return spec.replicas
    if scaling is WorkerScaling.KEDA and not blueprint.serves(kinds.SCALED_OBJECT):
        return spec.autoscaling.min_replicas
    return None


def _deployment(blueprint: Blueprint, name: str, component: str, template: Manifest, replicas: int | None) -> Manifest:
    if replicas is None:
        replicas = _handed_over(blueprint, name)
    body = {
        "spec": {
            **({} if replicas is None else {"replicas": replicas}),
            "selector": {"matchLabels": labels.selector_of(blueprint.name, component)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "progressDeadlineSeconds": whole_seconds(blueprint.spec.upgrade.progress_deadline),
            "revisionHistoryLimit": 3,
            "template": template,
        }
    }
    return objects.child(blueprint.instance, kinds.DEPLOYMENT, name, component, body)


def _handed_over(blueprint: Blueprint, name: str) -> int | None:
    """The pods there are, until the autoscaler has set their number once: without us it would fall back to one."""
    live = blueprint.observed.children.get(("Deployment", name), {})
    for entry in facts.parts(live, "metadata", "managedFields"):
        is_ours = entry.get("manager") == labels.FIELD_MANAGER and not entry.get("subresource")
        if is_ours and "f:replicas" in facts.part(entry, "fieldsV1", "f:spec"):
            return cast("int | None", facts.part(live, "spec").get("replicas"))
    return None


def _pod_annotations(blueprint: Blueprint, config_hash: str) -> Mapping[str, str]:
    restarted = blueprint.instance.annotations.get(labels.RESTART_AT)
    return {labels.CONFIG_HASH: config_hash, **({labels.RESTART_AT: restarted} if restarted else {})}


def _port(name: str, number: int) -> Manifest:
    return {"name": name, "containerPort": number, "protocol": "TCP"}
