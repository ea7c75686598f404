"""One look at an instance: everything planning needs, read at the same time."""

import asyncio
import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pydantic

from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.api.types import SecretKeyRef, SecretRef
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import ChildKey, Instance, Manifest, Neighbour, Observed, QueueSignal

KIND = "ElasticDashLogger"
BUILTIN_KINDS = (
    *(kinds.CONFIG_MAP, kinds.SECRET, kinds.SERVICE, kinds.SERVICE_ACCOUNT, kinds.DEPLOYMENT, kinds.STATEFUL_SET),
    *(kinds.JOB, kinds.POD_DISRUPTION_BUDGET, kinds.HORIZONTAL_POD_AUTOSCALER, kinds.NETWORK_POLICY, kinds.INGRESS),
)
# Their APIs come and go with what is installed.
INSTALLED_KINDS = (kinds.HTTP_ROUTE, kinds.SCALED_OBJECT, kinds.SERVICE_MONITOR, kinds.PROMETHEUS_RULE)
_POD = "v1/Pod"


class QueueReader(Protocol):
    """Asks an instance what waits in its queue; None when it can't be known."""

    async def __call__(self, namespace: str, name: str) -> QueueSignal | None: ...


class ProblemReader(Protocol):
    """Asks unready pods what they miss, by component."""

    async def __call__(self, pods: Sequence[Manifest], /) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Readers:
    """What an instance itself is asked, and the namespaces that instances are looked for in: none means all."""

    queue: QueueReader
    problems: ProblemReader
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvalidSpec:
    """An instance whose specification this operator can't understand, and why."""

    manifest: Manifest
    message: str


async def find(cluster: Cluster, namespace: str, name: str) -> Manifest | None:
    """The resource as it is; None when it is gone."""
    return await cluster.find(labels.API_VERSION, KIND, namespace, name)


def instance_from_manifest(manifest: Manifest) -> Instance | InvalidSpec:
    """The resource, understood. A status that can't be read is one that is not there yet."""
    metadata = manifest["metadata"]
    try:
        spec = LoggerSpec.model_validate(manifest.get("spec") or {})
    except pydantic.ValidationError as error:
        problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False))
        return InvalidSpec(manifest, "; ".join(problems))
    return Instance(
        name=metadata["name"],
        namespace=metadata["namespace"],
        uid=metadata["uid"],
        generation=metadata["generation"],
        annotations=facts.part(manifest, "metadata", "annotations"),
        spec=spec,
        status=status_from_manifest(manifest),
        is_deleting=bool(metadata.get("deletionTimestamp")),
    )


def status_from_manifest(manifest: Manifest) -> LoggerStatus:
    """The status as it was written; empty when it can't be understood."""
    try:
        return LoggerStatus.model_validate(manifest.get("status") or {})
    except pydantic.ValidationError:
        return LoggerStatus()


async def observe(cluster: Cluster, readers: Readers, instance: Instance, at: datetime) -> Observed:
    """The instance and everything around it."""
    capabilities = await cluster.capabilities()
    selector = labels.of_instance(instance.name)
    served = [kind for kind in (*BUILTIN_KINDS, *INSTALLED_KINDS) if kind in capabilities]
    lists = (cluster.list_all(*kinds.split(kind), instance.namespace, selector) for kind in (*served, _POD))
    found, referenced = await asyncio.gather(asyncio.gather(*lists), _referenced(cluster, instance))
    *listed, pods = found
    children: dict[ChildKey, Manifest] = {facts.key_of(child): child for each in listed for child in each}
    own = {name: _decoded(child) for (kind, name), child in children.items() if kind == "Secret"}
    has_web = facts.part(children.get(("Deployment", names.web(instance.name)), {}), "status").get("readyReplicas")
    return Observed(
        instance=instance,
        observed_at=at,
        capabilities=capabilities,
        children=children,
        secrets={**referenced, **own},
        pods=tuple(pods),
        queue=await readers.queue(instance.namespace, instance.name) if has_web else None,
        problems=await readers.problems(pods),
        neighbours=await neighbours(cluster, instance, readers.namespaces),
    )


async def neighbours(cluster: Cluster, instance: Instance, namespaces: Sequence[str]) -> tuple[Neighbour, ...]:
    """All other instances that are there and stay."""
    lists = (cluster.list_all(labels.API_VERSION, KIND, place) for place in (namespaces or [None]))
    found = [
        each["metadata"] | {"status": each.get("status")} for listed in await asyncio.gather(*lists) for each in listed
    ]
    age = {each["uid"]: (each["creationTimestamp"], each["uid"]) for each in found}
    return tuple(
        Neighbour(
            namespace=each["namespace"],
            name=each["name"],
            is_older=instance.uid in age and age[each["uid"]] < age[instance.uid],
            applied_target=facts.part(each, "status", "migrations").get("appliedTarget"),
            claimed_target=facts.part(each, "status", "migrations").get("claimedTarget"),
        )
        for each in found
        if each["uid"] != instance.uid and not each.get("deletionTimestamp")
    )


def referenced_secrets(spec: LoggerSpec) -> frozenset[str]:
    """The names of all Secrets a specification refers to."""
    return frozenset(_names_in(spec))


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, SecretKeyRef | SecretRef):
        yield value.name
    elif isinstance(value, pydantic.BaseModel):
        for field in type(value).model_fields:
            yield from _names_in(getattr(value, field))


async def _referenced(cluster: Cluster, instance: Instance) -> Mapping[str, Mapping[str, str]]:
    wanted = sorted(referenced_secrets(instance.spec))
    found = await asyncio.gather(*(cluster.find("v1", "Secret", instance.namespace, name) for name in wanted))
    return {name: _decoded(secret) for name, secret in zip(wanted, found, strict=True) if secret is not None}


def _decoded(secret: Manifest) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for key, encoded in facts.part(secret, "data").items():
        try:
            values[key] = base64.b64decode(str(encoded)).decode()
        except (binascii.Error, UnicodeDecodeError):
            # A key that holds no text is none that a setting refers to.
            continue
    return values
