"""What every object of an instance has in common: its name, labels and owner."""

from collections.abc import Mapping

from elasticdash.operator.naming import kinds, labels
from elasticdash.operator.plan.observed import Instance, Manifest

OWNER_KIND = "ElasticDashLogger"


def child(instance: Instance, kind: str, name: str, component: str, body: Manifest) -> Manifest:
    """An object that goes when the instance goes; `body` is everything but its kind and metadata."""
    manifest = retained(instance, kind, name, component, body)
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [owner_reference(instance)]}}


def retained(instance: Instance, kind: str, name: str, component: str, body: Manifest) -> Manifest:
    """An object that stays when the instance goes: it has no owner, only the instance's labels."""
    api_version, kind_name = kinds.split(kind)
    return {
        "apiVersion": api_version,
        "kind": kind_name,
        "metadata": {
            "name": name,
            "namespace": instance.namespace,
            "labels": labels.of_component(instance.name, component),
        },
        **body,
    }


def annotated(manifest: Manifest, annotations: Manifest) -> Manifest:
    """The object with these annotations, unchanged where there are none."""
    if not annotations:
        return manifest
    metadata = manifest["metadata"]
    return {**manifest, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), **annotations}}}


def owner_reference(instance: Instance) -> Manifest:
    """What makes the garbage collector remove an object after its instance."""
    return {
        "apiVersion": labels.API_VERSION,
        "kind": OWNER_KIND,
        "name": instance.name,
        "uid": instance.uid,
        "controller": True,
    }


def labelled(manifest: Manifest, more: Mapping[str, str]) -> Manifest:
    """The object with more labels; its own go first."""
    metadata = manifest["metadata"]
    return {**manifest, "metadata": {**metadata, "labels": {**more, **metadata["labels"]}}}
