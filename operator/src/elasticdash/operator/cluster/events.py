"""Kubernetes Events about an instance: one for each change of a condition, whoever looks and however often."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from elasticdash.operator.api.enums import ConditionType, Reason
from elasticdash.operator.api.status import Condition, LoggerStatus
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.naming import labels
from elasticdash.operator.plan.observed import Manifest
from elasticdash.shared import errors

log = structlog.get_logger()

_SHOWN_CHARACTERS = 1000
# How an instance begins is no news.
_BEGINNINGS = frozenset(
    {Reason.WAITING, Reason.ROLLING, Reason.STARTING, Reason.RUNNING, Reason.IN_PROGRESS, Reason.DISABLED}
)
# False is their good state.
_NEGATIVE = frozenset({ConditionType.PAUSED, ConditionType.UPGRADE_PROGRESSING})


@dataclass(frozen=True, slots=True)
class News:
    """What an Event says. `identity` is the same however often the change is seen."""

    kind: Literal["Normal", "Warning"]
    reason: str
    message: str
    identity: str


def news(before: LoggerStatus, after: LoggerStatus) -> Sequence[News]:
    """What became of the conditions from one status to the next."""
    known = {condition.type: condition for condition in before.conditions}
    return [
        _of(condition, known.get(condition.type))
        for condition in after.conditions
        if _is_news(condition, known.get(condition.type))
    ]


async def post(cluster: Cluster, instance: Manifest, all_news: Sequence[News], at: str) -> None:
    """Post each; one that was posted before stays one. An Event that can't be posted stops nothing."""
    metadata = instance["metadata"]
    for each in all_news:
        digest = hashlib.sha256(f"{metadata['uid']}{each.identity}".encode()).hexdigest()[:16]
        about = {name: metadata[name] for name in ("name", "namespace", "uid")}
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{metadata['name']}.{digest}", "namespace": metadata["namespace"]},
            "involvedObject": {"apiVersion": labels.API_VERSION, "kind": instance["kind"], **about},
            "type": each.kind,
            "reason": each.reason,
            "message": each.message[:_SHOWN_CHARACTERS],
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
            "source": {"component": labels.FIELD_MANAGER},
            "reportingComponent": labels.FIELD_MANAGER,
        }
        try:
            await cluster.create(event)
        except errors.ConflictError:
            continue
        except errors.ElasticDashError as error:
            log.warning("event_not_posted", reason=each.reason, error=str(error))


def _is_news(condition: Condition, before: Condition | None) -> bool:
    if before is None:
        return condition.status == "False" and condition.reason not in _BEGINNINGS and _is_bad(condition)
    return (before.status, before.reason) != (condition.status, condition.reason)


def _of(condition: Condition, before: Condition | None) -> News:
    was = f"{before.status}/{before.reason}/{before.last_transition_time}" if before else ""
    identity = f"{condition.type}/{condition.status}/{condition.reason}/{was}"
    message = f"{condition.type} is {condition.status}: {condition.message}".rstrip(": ")
    return News("Warning" if _is_bad(condition) else "Normal", condition.reason, message, identity)


def _is_bad(condition: Condition) -> bool:
    if condition.type in _NEGATIVE:
        return condition.reason == Reason.UPGRADE_BLOCKED
    return condition.status == "False" and condition.reason not in _BEGINNINGS
