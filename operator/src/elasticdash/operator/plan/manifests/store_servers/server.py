"""What all bundled stores have in common: one pod, one volume, one Service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elasticdash.operator.api.enums import DeletionPolicy
from elasticdash.operator.api.stores import Bundled
from elasticdash.operator.api.types import Resources, SecretKeyRef
from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import bundled, objects
from elasticdash.operator.plan.manifests import pods
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from elasticdash.operator.plan.observed import Manifest

DATA = "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What tells one store's pod from another's.

    `user` is the image's own, by number. `config_hash` changes when the pod has to start anew.
    """

    store: Store
    user: int
    resources: Resources
    config_hash: str
    environment: Sequence[Manifest]
    container: Manifest
    mounts: Sequence[Manifest]
    volumes: Sequence[Manifest] = ()
    init_containers: Sequence[Manifest] = ()


def objects_of(blueprint: Blueprint, server: Server) -> Sequence[Manifest]:
    """A store's Service and StatefulSet."""
    name = names.store(blueprint.name, server.store)
    selector = labels.selector_of(blueprint.name, server.store.value)
    port = {"name": server.store.value, "port": bundled.PORTS[server.store], "protocol": "TCP"}
    service = {"spec": {"selector": selector, "ports": [{**port, "targetPort": server.store.value}]}}
    stateful = {
        "spec": {
            "serviceName": name,
            "replicas": 1,
            "selector": {"matchLabels": selector},
            "persistentVolumeClaimRetentionPolicy": _retention(blueprint),
            "template": _template(blueprint, server),
            "volumeClaimTemplates": [_claim(blueprint, server.store)],
        }
    }
    return [
        objects.child(blueprint.instance, kinds.SERVICE, name, server.store.value, service),
        objects.child(blueprint.instance, kinds.STATEFUL_SET, name, server.store.value, stateful),
    ]


def image(blueprint: Blueprint, store: Store) -> str:
    """The reference of a store's image."""
    return blueprint.release.store_image(store, blueprint.spec.image)


def from_secret(variable: str, source: SecretKeyRef) -> Manifest:
    """A variable whose value stays in its Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": source.name, "key": source.key}}}


def literal(variables: Mapping[str, str]) -> Sequence[Manifest]:
    """Variables with their values."""
    return [{"name": name, "value": value} for name, value in variables.items()]


def scratch(name: str, path: str) -> tuple[Manifest, Manifest]:
    """A mount and its volume that lives as long as the pod."""
    return {"name": name, "mountPath": path}, {"name": name, "emptyDir": {}}


def _template(blueprint: Blueprint, server: Server) -> Manifest:
    tmp_mount, tmp_volume = scratch("tmp", "/tmp")
    container = {
        "name": server.store.value,
        "image": image(blueprint, server.store),
        "imagePullPolicy": blueprint.spec.image.pull_policy.value,
        **server.container,
        "env": list(server.environment),
        "ports": [{"name": server.store.value, "containerPort": bundled.PORTS[server.store], "protocol": "TCP"}],
        "resources": {"requests": dict(server.resources.requests), "limits": dict(server.resources.limits)},
        "securityContext": pods.container_security(has_read_only_root=True),
        "volumeMounts": [*server.mounts, tmp_mount],
    }
    return {
        "metadata": {
            "labels": labels.of_component(blueprint.name, server.store.value),
            "annotations": {labels.CONFIG_HASH: server.config_hash},
        },
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 120,
            "securityContext": pods.security_context(server.user, server.user),
            **pods.pull_secrets(blueprint),
            **pods.scheduling(blueprint),
            **({"initContainers": list(server.init_containers)} if server.init_containers else {}),
            "containers": [container],
            "volumes": [*server.volumes, tmp_volume],
        },
    }


def _claim(blueprint: Blueprint, store: Store) -> Manifest:
    settings = blueprint.spec.stores.bundled or Bundled()
    sizes = {
        Store.POSTGRES: settings.sizes.postgres,
        Store.CLICKHOUSE: settings.sizes.clickhouse,
        Store.REDIS: settings.sizes.redis,
        Store.OBJECT_STORE: settings.sizes.object_storage,
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": DATA, "labels": labels.of_component(blueprint.name, store.value)},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            **({"storageClassName": settings.storage_class} if settings.storage_class else {}),
            "resources": {"requests": {"storage": sizes[store]}},
        },
    }


def _retention(blueprint: Blueprint) -> Manifest:
    keeps = blueprint.spec.deletion_policy is DeletionPolicy.RETAIN
    return {"whenDeleted": "Retain" if keeps else "Delete", "whenScaled": "Retain"}
