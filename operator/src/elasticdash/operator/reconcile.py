"""One look at an instance and what follows from it: observe, plan, apply, report."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex

from elasticdash.operator.api.enums import ConditionType, Phase, Reason, WorkerScaling
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.cluster import applying, events, observe
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.cluster.observe import InvalidSpec, Readers
from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.plan import desired_state, profiles, scaling, secrets
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Instance, Manifest, Observed
from elasticdash.operator.plan.release import Release
from elasticdash.operator.report import outcomes, status
from elasticdash.operator.report.component_status import Judgement
from elasticdash.operator.rotation.rotator import Rotator, Stepped
from elasticdash.operator.runtime import metrics
from elasticdash.operator.runtime.loops import GoneError

# The queue is looked at this often where the operator itself scales on it.
_SCALING_SECONDS = 15.0
# Children of kinds that aren't watched are looked at this often.
_UNWATCHED_SECONDS = 25.0
# Pods mark the instance as they come and go; sessions and rows that are waited for don't.
_ROTATING_SECONDS = 5.0


@dataclass(slots=True)
class _Memory:
    """What is kept of one instance between looks; a new process does without."""

    scaling: scaling.Memory
    applied: applying.Memory = field(default_factory=applying.Memory)
    secrets: frozenset[str] = frozenset()
    phase: Phase | None = None


class Reconciler:
    """Looks at instances. Nothing it remembers decides what is right: that is in the cluster."""

    def __init__(self, cluster: Cluster, release: Release, readers: Readers, rotator: Rotator) -> None:
        self._cluster = cluster
        self._rotator = rotator
        self._release = release
        self._readers = readers
        self._memories: dict[tuple[str, str], _Memory] = {}
        self._claiming = asyncio.Lock()

    async def look(self, namespace: str, name: str) -> float | None:
        """Bring one instance to what it should be; seconds until the next look. GoneError when it is gone."""
        manifest = await observe.find(self._cluster, namespace, name)
        if manifest is None:
            self._forget(namespace, name)
            raise GoneError(f"{namespace}/{name} is gone")
        memory = self._memories.setdefault((namespace, name), _Memory(scaling.Memory(since=time.monotonic())))
        if manifest["metadata"].get("deletionTimestamp"):
            # Its children go by their owner references, volumes by the policy of their StatefulSets.
            await self._report_only(manifest, Phase.DELETING, {}, memory)
            return None
        instance = observe.instance_from_manifest(manifest)
        if isinstance(instance, InvalidSpec):
            judged = {ConditionType.SPEC_VALID: Judgement("False", Reason.CONFLICTING_FIELDS, instance.message)}
            await self._report_only(manifest, Phase.BLOCKED, judged, memory)
            return None
        memory.secrets = observe.referenced_secrets(instance.spec)
        if is_paused(instance):
            judged = {ConditionType.PAUSED: Judgement("True", Reason.BY_USER, "The operator changes nothing")}
            await self._report_only(manifest, Phase.PAUSED, judged, memory)
            return None
        return await self._reconcile(manifest, instance, memory)

    def users_of_secret(self, namespace: str, secret: str) -> list[str]:
        """The names of the instances whose specification refers to a Secret."""
        return [
            name for (place, name), memory in self._memories.items() if place == namespace and secret in memory.secrets
        ]

    async def _reconcile(self, manifest: Manifest, instance: Instance, memory: _Memory) -> float | None:
        observed = await observe.observe(self._cluster, self._readers, instance, _now())
        observed = await self._with_secrets(observed)
        rotation = await self._rotator.step(observed)
        if desired_state.has_stores(rotation.observed, self._release):
            return await self._follow(manifest, rotation, memory)
        # Of two instances that claim the same stores one comes first: the other looks after that was written.
        async with self._claiming:
            neighbours = await observe.neighbours(self._cluster, instance, self._readers.namespaces)
            seen = replace(rotation.observed, neighbours=neighbours)
            return await self._follow(manifest, replace(rotation, observed=seen), memory)

    async def _follow(self, manifest: Manifest, rotation: Stepped, memory: _Memory) -> float | None:
        """Make it so, and say what came of it."""
        observed = rotation.observed
        before = observed.instance.status
        wanted = desired_state.desired_state(observed, self._release)
        manifests = (*wanted.manifests, *rotation.manifests)
        observed, failure = await applying.apply(self._cluster, observed, manifests, memory.applied)
        keys = [*(facts.key_of(each) for each in manifests), *wanted.kept]
        failure = await applying.prune(self._cluster, observed, keys, memory.applied) or failure
        scaled = await self._scale(observed, memory)
        found = status.status(
            observed, outcomes.outcome(observed, self._release, wanted, scaled, failure, rotation.statuses)
        )
        await self._report(manifest, before, found, memory)
        return _ROTATING_SECONDS if rotation.is_under_way else _seconds_to_next(observed)

    async def _with_secrets(self, observed: Observed) -> Observed:
        """The instance with everything that is generated once; what another made meanwhile is a conflict."""
        made = secrets.generated(observed, token_hex)
        for secret in made:
            is_new = "resourceVersion" not in secret["metadata"]
            await (self._cluster.create(secret) if is_new else self._cluster.apply(secret))
            metrics.WRITES.labels("Secret", "create" if is_new else "apply").inc()
        return secrets.completed(observed, made)

    async def _scale(self, observed: Observed, memory: _Memory) -> scaling.Decision | None:
        """What the operator itself decided about the workers; None where somebody else does."""
        spec = observed.instance.spec
        deployment = observed.children.get(("Deployment", names.worker(observed.instance.name)))
        is_ours = profiles.worker_scaling(spec, observed.capabilities) is WorkerScaling.BUILTIN
        if deployment is None or not is_ours:
            return None
        current = int(facts.part(deployment, "spec").get("replicas", 1))
        decision = scaling.decide(current, observed.queue, spec, memory.scaling, time.monotonic())
        memory.scaling = decision.memory
        if decision.replicas != current:
            await self._cluster.scale(deployment, decision.replicas)
            metrics.SCALINGS.labels("up" if decision.replicas > current else "down").inc()
        return decision

    async def _report_only(self, manifest: Manifest, phase: Phase, judged: status.Judged, memory: _Memory) -> None:
        """Say something about an instance of which nothing else was looked at."""
        before = observe.status_from_manifest(manifest)
        generation = manifest["metadata"]["generation"]
        after = status.changed(before, status.timestamp(_now()), generation, phase, judged)
        await self._report(manifest, before, after, memory)

    async def _report(self, manifest: Manifest, before: LoggerStatus, after: LoggerStatus, memory: _Memory) -> None:
        """Post what is new, then write the status, which is what makes it old. Nothing is written when all is equal."""
        memory.phase = after.phase
        self._count()
        if after == before:
            return
        for run in after.migrations.history:
            if run not in before.migrations.history:
                metrics.MIGRATIONS.labels(run.store, run.outcome).inc()
        await events.post(self._cluster, manifest, events.news(before, after), status.timestamp(_now()))
        # With the version, one that was made anew under the same name meanwhile is a conflict and keeps its own status.
        metadata = {name: manifest["metadata"][name] for name in ("name", "namespace", "resourceVersion")}
        body = after.model_dump(mode="json", by_alias=True, exclude_none=True)
        written = {"apiVersion": labels.API_VERSION, "kind": observe.KIND, "metadata": metadata, "status": body}
        await self._cluster.apply_status(written)
        metrics.WRITES.labels(observe.KIND, "status").inc()

    def _forget(self, namespace: str, name: str) -> None:
        self._memories.pop((namespace, name), None)
        self._count()

    def _count(self) -> None:
        phases = [memory.phase for memory in self._memories.values()]
        for phase in Phase:
            metrics.INSTANCES.labels(phase).set(phases.count(phase))


def is_paused(instance: Instance) -> bool:
    """Whether a person told the operator to leave everything as it is."""
    return instance.spec.paused or instance.annotations.get(labels.PAUSED, "").lower() == "true"


def _seconds_to_next(observed: Observed) -> float | None:
    """Sooner than usual where nothing else would tell of a change."""
    if profiles.worker_scaling(observed.instance.spec, observed.capabilities) is WorkerScaling.BUILTIN:
        return _SCALING_SECONDS
    installed = {kinds.split(kind)[1] for kind in observe.INSTALLED_KINDS}
    return _UNWATCHED_SECONDS if any(kind in installed for kind, _ in observed.children) else None


def _now() -> datetime:
    return datetime.now(UTC)
