"""Pod templates under the restricted pod security standard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from elasticdash.operator.api.components import Probes
from elasticdash.operator.api.types import Resources
from elasticdash.operator.naming import labels
from elasticdash.operator.plan import environment, profiles
from elasticdash.operator.plan.environment import whole_seconds
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from elasticdash.operator.plan.observed import Manifest

# Beside what the processes themselves take to stop: the kubelet's and the runtime's part.
GRACE_MARGIN_SECONDS = 15

_TMP = "tmp"
_TRUST = "trust"
_AUTHORITIES = "authorities"
_SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """What tells one pod template from another; everything else is the same for all."""

    component: str
    service_account: str
    containers: Sequence[Manifest]
    init_containers: Sequence[Manifest] = ()
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    more: Manifest = field(default_factory=dict[str, object])


def template(blueprint: Blueprint, pod: Pod) -> Manifest:
    """A pod template of web, worker or a migration."""
    spec = blueprint.spec
    first = [*_trusting(blueprint), *pod.init_containers]
    return {
        "metadata": {
            "labels": labels.of_component(blueprint.name, pod.component),
            **({"annotations": dict(pod.annotations)} if pod.annotations else {}),
        },
        "spec": {
            "serviceAccountName": pod.service_account,
            "automountServiceAccountToken": False,
            # Variables like REDIS_PORT that Kubernetes makes of Services would be taken for settings.
            "enableServiceLinks": False,
            "securityContext": security_context(spec.security.run_as_user, spec.security.fs_group),
            **pull_secrets(blueprint),
            **scheduling(blueprint),
            **({"initContainers": first} if first else {}),
            "containers": list(pod.containers),
            "volumes": [{"name": _TMP, "emptyDir": {}}, *_trust_volumes(blueprint)],
            **pod.more,
        },
    }


def container(blueprint: Blueprint, name: str, image: str, resources: Resources, more: Manifest) -> Manifest:
    """A container of the product's images; `more` holds its command, variables, ports and probes."""
    mounts = [{"name": _TMP, "mountPath": "/tmp"}]
    if blueprint.spec.tls.trusted_ca_ref:
        mounts.append({"name": _TRUST, "mountPath": environment.TRUST_FOLDER})
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": blueprint.spec.image.pull_policy.value,
        **more,
        **({"envFrom": list(blueprint.spec.env_from)} if blueprint.spec.env_from else {}),
        "resources": {
            name: dict(values)
            for name, values in (("requests", resources.requests), ("limits", resources.limits))
            if values
        },
        "securityContext": container_security(blueprint.spec.security.read_only_root_filesystem),
        "volumeMounts": mounts,
    }


def probes(settings: Probes, port: str, liveness_path: str, readiness_path: str) -> Manifest:
    """A start is given its time; after it liveness asks the process alone, readiness its stores too."""
    pace = {
        "periodSeconds": whole_seconds(settings.period),
        "timeoutSeconds": whole_seconds(settings.timeout),
        "failureThreshold": settings.failure_threshold,
    }
    alive = {"httpGet": {"path": liveness_path, "port": port}}
    tries = -(-whole_seconds(settings.startup_timeout) // 2)
    return {
        "startupProbe": {**alive, **pace, "periodSeconds": 2, "failureThreshold": tries},
        "livenessProbe": {**alive, **pace},
        "readinessProbe": {"httpGet": {"path": readiness_path, "port": port}, **pace},
    }


def security_context(user: int, group: int) -> Manifest:
    """What a pod runs as."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": group,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security(has_read_only_root: bool) -> Manifest:
    """What a container may do: nothing beyond what every process may."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": has_read_only_root,
        "capabilities": {"drop": ["ALL"]},
    }


def pull_secrets(blueprint: Blueprint) -> Manifest:
    """The Secrets images are fetched with."""
    names = blueprint.spec.image.pull_secrets
    return {"imagePullSecrets": [{"name": name} for name in names]} if names else {}


def scheduling(blueprint: Blueprint) -> Manifest:
    """Where pods of every component may run."""
    scheduling = blueprint.spec.scheduling
    return {
        **({"nodeSelector": dict(scheduling.node_selector)} if scheduling.node_selector else {}),
        **({"tolerations": list(scheduling.tolerations)} if scheduling.tolerations else {}),
        **({"affinity": scheduling.affinity} if scheduling.affinity else {}),
        **({"priorityClassName": scheduling.priority_class_name} if scheduling.priority_class_name else {}),
    }


def spread(blueprint: Blueprint, component: str) -> Manifest:
    """How the pods of a component are laid over zones and hosts."""
    given = blueprint.spec.scheduling.topology_spread
    if given is not None:
        return {"topologySpreadConstraints": list(given)} if given else {}
    on_hosts = "DoNotSchedule" if profiles.spread_is_required(blueprint.spec) else "ScheduleAnyway"
    selector = {"matchLabels": labels.selector_of(blueprint.name, component)}
    return {
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": otherwise, "labelSelector": selector}
            for key, otherwise in (
                ("topology.kubernetes.io/zone", "ScheduleAnyway"),
                ("kubernetes.io/hostname", on_hosts),
            )
        ]
    }


def _trusting(blueprint: Blueprint) -> Sequence[Manifest]:
    """Puts the given authorities beside the system's: settings of libraries replace those, and never add to them."""
    if blueprint.spec.tls.trusted_ca_ref is None:
        return ()
    script = f"{{ cat {_SYSTEM_AUTHORITIES} || true; echo; cat /authorities/*; }} > {environment.TRUST_FILE}"
    return (
        {
            "name": _TRUST,
            "image": blueprint.web_image,
            "imagePullPolicy": blueprint.spec.image.pull_policy.value,
            "command": ["sh", "-c", script],
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
            "securityContext": container_security(has_read_only_root=True),
            "volumeMounts": [
                {"name": _AUTHORITIES, "mountPath": "/authorities", "readOnly": True},
                {"name": _TRUST, "mountPath": environment.TRUST_FOLDER},
            ],
        },
    )


def _trust_volumes(blueprint: Blueprint) -> Sequence[Manifest]:
    reference = blueprint.spec.tls.trusted_ca_ref
    if reference is None:
        return ()
    items = [{"key": reference.key, "path": "given.crt"}]
    return (
        {"name": _AUTHORITIES, "secret": {"secretName": reference.name, "items": items}},
        {"name": _TRUST, "emptyDir": {}},
    )
