"""Reads what a diagnosis is made from, with the rights of whoever asks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from elasticdash.operator.cluster import observe
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.cluster.observe import InvalidSpec, Readers
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest, QueueSignal
from elasticdash.operator.report import diagnose
from elasticdash.operator.report.diagnose import Diagnosis
from elasticdash.shared import errors


async def look(name: str, namespace: str) -> Diagnosis:
    """The instance of this name. NotFoundError without it, InvalidRequestError when its specification is not one."""
    cluster = await Cluster.connect()
    try:
        manifest = await observe.find(cluster, namespace, name)
        if manifest is None:
            raise errors.NotFoundError(f"There is no {observe.KIND} {name!r} in namespace {namespace!r}")
        instance = observe.instance_from_manifest(manifest)
        if isinstance(instance, InvalidSpec):
            raise errors.InvalidRequestError(f"The specification can't be understood: {instance.message}")
        observed = await observe.observe(cluster, Readers(_unknown, _silent, (namespace,)), instance, datetime.now(UTC))
        events = await _events(cluster, namespace)
        own = {name, *(pod["metadata"]["name"] for pod in observed.pods), *(key[1] for key in observed.children)}
        about = [event for event in events if facts.part(event, "involvedObject").get("name") in own]
        return diagnose.diagnose(observed, about)
    finally:
        await cluster.close()


async def _events(cluster: Cluster, namespace: str) -> Sequence[Manifest]:
    """Those of the namespace; none for somebody who may not read them, as the operator itself."""
    try:
        return await cluster.list_all("v1", "Event", namespace)
    except errors.AccessDeniedError:
        return ()


async def _unknown(namespace: str, name: str) -> QueueSignal | None:
    """Whoever asks need not be in the cluster: the status says what waited last."""


async def _silent(_pods: Sequence[Manifest]) -> Mapping[str, str]:
    return {}
