"""Applies what an instance should consist of to a real API server, as strictly as it can judge."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from elasticdash.operator.naming import labels
from elasticdash.operator.plan import desired_state, secrets
from elasticdash.operator.plan.desired_state import DesiredState
from elasticdash.operator.plan.observed import Manifest, Observed
from support.kubernetes.api import Api, Object
from support.operator import looks

_TEMPLATES = ("Deployment", "StatefulSet", "Job")
_OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}}


@dataclass(frozen=True, slots=True)
class Answer:
    """An object as the API server has it now, and what it warned of."""

    stored: Object
    warnings: tuple[str, ...]


def placed(api: Api, namespace: str, found: Observed) -> Observed:
    """The same instance in a namespace of the cluster, owned by an object that is there: orphans are collected."""
    owner = api.apply({**_OWNER, "metadata": {"name": "owner", "namespace": namespace}})
    instance = replace(found.instance, namespace=namespace, uid=owner["metadata"]["uid"])
    return secrets.completed(replace(found, instance=instance))


def owned(manifest: Manifest) -> Object:
    """The manifest with the owner's real kind, which the garbage collector looks up."""
    metadata = dict(manifest["metadata"])
    if "ownerReferences" in metadata:
        references = [
            {**each, "apiVersion": "v1", "kind": "ConfigMap", "name": "owner"} for each in metadata["ownerReferences"]
        ]
        metadata["ownerReferences"] = references
    return {**manifest, "metadata": metadata}


def apply(api: Api, manifest: Manifest) -> Answer:
    """Server-side apply as the operator does it, refusing fields that the kind doesn't have."""
    query = {"fieldManager": labels.FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"}
    headers = {"Content-Type": "application/apply-patch+yaml"}
    body = owned(manifest)
    response = api.request("PATCH", api.path_of(body), json=body, params=query, headers=headers)
    return Answer(response.json(), tuple(response.headers.get_list("Warning")))


def make_pods(api: Api, namespace: str, manifest: Manifest) -> None:
    """Ask for a pod of each template without making it: admission judges pods, and only warns of templates."""
    if manifest["kind"] not in _TEMPLATES:
        return
    template = manifest["spec"]["template"]
    metadata = {**template["metadata"], "name": "judged", "namespace": namespace}
    volumes = [*template["spec"].get("volumes", []), *_claims(manifest)]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**template["spec"], "volumes": volumes}}
    query = {"dryRun": "All", "fieldValidation": "Strict"}
    api.request("POST", api.collection("v1", "Pod", namespace), json=pod, params=query)


def version_of(api: Api, manifest: Manifest) -> str:
    """The object's resource version now."""
    metadata: Mapping[str, Any] = api.request("GET", api.path_of(manifest)).json()["metadata"]
    return str(metadata["resourceVersion"])


def after_migration(found: Observed) -> DesiredState:
    """What the instance consists of once its schemas are up to date."""
    return desired_state.desired_state(looks.migrated(found), looks.RELEASE)


def _claims(manifest: Manifest) -> list[Object]:
    claims = manifest["spec"].get("volumeClaimTemplates", [])
    return [{"name": each["metadata"]["name"], "emptyDir": {}} for each in claims]
