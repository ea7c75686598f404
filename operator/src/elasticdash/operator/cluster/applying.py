"""Makes the cluster what was planned: applies what differs, prunes what is no longer wanted, writes nothing else."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import ChildKey, Manifest, Observed
from elasticdash.operator.report.component_status import Judgement
from elasticdash.operator.runtime import metrics
from elasticdash.shared import errors

# What the API server and controllers change by themselves says nothing about drift.
_UNSTEADY = frozenset({"resourceVersion", "managedFields", "generation", "creationTimestamp", "uid"})
_SHOWN_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class _Applied:
    wanted: str
    found: str


@dataclass(slots=True)
class Memory:
    """What was applied last, by child: the wish, and what the object was then. Lost with the process, never needed."""

    applied: dict[ChildKey, _Applied] = field(default_factory=dict[ChildKey, _Applied])


async def apply(
    cluster: Cluster, observed: Observed, manifests: Sequence[Manifest], memory: Memory
) -> tuple[Observed, Judgement | None]:
    """Apply, in order, what is not yet as it should be; what is there then, and None or what went wrong.

    An object the server refuses leaves the others to be applied. Comparing wishes with objects field by field would
    stumble over defaults; so an object counts as right while neither it nor its wish has changed since it was applied.
    """
    problems: list[Judgement] = []
    children = dict(observed.children)
    for manifest in manifests:
        key, wanted = facts.key_of(manifest), _digest(manifest)
        live = observed.children.get(key)
        if live is not None and memory.applied.get(key) == _Applied(wanted, _digest(_steady(live))):
            continue
        try:
            applied = await cluster.apply(manifest)
        except (errors.AccessDeniedError, errors.InvalidRequestError, errors.ConflictError) as error:
            problems.append(problem(error))
            continue
        except errors.NotFoundError:
            # Its API was taken away since it was looked at.
            continue
        children[key] = applied
        memory.applied[key] = _Applied(wanted, _digest(_steady(applied)))
        if live is None or _version(applied) != _version(live):
            metrics.WRITES.labels(key[0], "apply").inc()
    return replace(observed, children=children), problems[0] if problems else None


async def prune(cluster: Cluster, observed: Observed, wanted: Sequence[ChildKey], memory: Memory) -> Judgement | None:
    """Delete the instance's own children that are not wanted; None, or what went wrong.

    What has no owner reference holds data and stays.
    """
    kept = frozenset(wanted)
    for key, live in observed.children.items():
        if key in kept or live["metadata"].get("deletionTimestamp") or not is_owned(live, observed.instance.uid):
            continue
        try:
            # A Job's pods must be gone before another of its name is made.
            await cluster.delete(live, "Foreground" if key[0] == "Job" else "Background")
        except errors.AccessDeniedError as error:
            return problem(error)
        memory.applied.pop(key, None)
        metrics.WRITES.labels(key[0], "delete").inc()
    return None


def is_owned(child: Manifest, uid: str) -> bool:
    """Whether the child goes with the instance of this uid."""
    return any(owner.get("uid") == uid for owner in facts.parts(child, "metadata", "ownerReferences"))


def problem(error: errors.ElasticDashError) -> Judgement:
    """What the condition ReconcileSucceeded says of an error."""
    reason = Reason.API_ERROR
    if isinstance(error, errors.AccessDeniedError):
        reason = Reason.FORBIDDEN
    elif isinstance(error, errors.ConflictError):
        reason = Reason.CONFLICT
    return Judgement("False", reason, str(error)[:_SHOWN_CHARACTERS])


def _version(manifest: Manifest) -> str:
    return str(manifest["metadata"].get("resourceVersion"))


def _steady(live: Manifest) -> Mapping[str, Any]:
    metadata = {name: value for name, value in live["metadata"].items() if name not in _UNSTEADY}
    return {**{name: value for name, value in live.items() if name != "status"}, "metadata": metadata}


def _digest(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(manifest, order="sorted")).hexdigest()
