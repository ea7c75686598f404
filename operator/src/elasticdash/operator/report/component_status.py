"""What Deployments and pods say of web and workers: counts, judgements, and pods that have a problem."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.api.status import ComponentStatus, Issue
from elasticdash.operator.naming import labels
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest, Observed

_MOST_ISSUES = 20
_SHOWN_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Judgement:
    """A condition without its times."""

    status: Literal["True", "False", "Unknown"]
    reason: Reason
    message: str = ""


# Why a container waits, as Kubernetes names it: what that means here, whether it stays so, and what to do.
_WAITING: dict[str, tuple[Reason, bool, str]] = {
    "CrashLoopBackOff": (Reason.CRASH_LOOP, False, "Look at the container's log: kubectl logs --previous"),
    "ImagePullBackOff": (Reason.IMAGE_PULL, False, "Check spec.image, spec.version and the pull secrets"),
    "ErrImagePull": (Reason.IMAGE_PULL, False, "Check spec.image, spec.version and the pull secrets"),
    "ErrImageNeverPull": (Reason.IMAGE_PULL, True, "The node lacks the image and pullPolicy is Never"),
    "InvalidImageName": (Reason.IMAGE_PULL, True, "Check spec.image: the name can't be understood"),
    "CreateContainerConfigError": (Reason.MISSING, False, "A Secret, a ConfigMap or a key of one is missing"),
    "CreateContainerError": (Reason.CRASH_LOOP, True, "The node could not make the container: look at its events"),
}


def of(observed: Observed, name: str, component: str, autoscaler: str) -> ComponentStatus:
    """The counts of a component's Deployment; zeros when there is none."""
    deployment = observed.children.get(("Deployment", name), {})
    if not deployment:
        return ComponentStatus(autoscaler=autoscaler)
    said = facts.part(deployment, "status")
    replicas, ready = int(said.get("replicas") or 0), int(said.get("readyReplicas") or 0)
    selector = labels.selector_of(observed.instance.name, component)
    template = facts.part(deployment, "spec", "template")
    return ComponentStatus(
        replicas=replicas,
        ready=ready,
        updated=int(said.get("updatedReplicas") or 0),
        summary=f"{ready}/{facts.part(deployment, 'spec').get('replicas', 1)}",
        selector=",".join(f"{key}={value}" for key, value in sorted(selector.items())),
        image=image_of(deployment, component),
        config_hash=facts.part(template, "metadata", "annotations").get(labels.CONFIG_HASH),
        autoscaler=autoscaler,
    )


def image_of(deployment: Manifest, component: str) -> str | None:
    """The image of the component's container; None when there is no such container."""
    for container in facts.parts(deployment, "spec", "template", "spec", "containers"):
        if container.get("name") == component:
            return str(container.get("image"))
    return None


def is_rolled_out(deployment: Manifest) -> bool:
    """Whether every pod is of the present template and available."""
    said, wanted = facts.part(deployment, "status"), int(facts.part(deployment, "spec").get("replicas", 1))
    is_seen = said.get("observedGeneration") == facts.part(deployment, "metadata").get("generation")
    counts = {int(said.get(field) or 0) for field in ("replicas", "updatedReplicas", "availableReplicas")}
    return bool(deployment) and is_seen and counts == {wanted}


def judge(observed: Observed, name: str, component: str, issues: Sequence[Issue]) -> Judgement:
    """Whether a component serves as it should."""
    deployment = observed.children.get(("Deployment", name), {})
    if not deployment:
        return Judgement("False", Reason.WAITING, f"{component} starts after the migrations")
    if is_rolled_out(deployment):
        return Judgement("True", Reason.AVAILABLE, f"{component} is available")
    if quota := facts.true_condition(deployment, "ReplicaFailure"):
        return Judgement("False", Reason.QUOTA_EXCEEDED, _shortened(str(quota.get("message") or "")))
    for issue in issues:
        if issue.component == component:
            message = f"{issue.pod}: {issue.reason}. {issue.message or ''} {issue.hint or ''}".strip()
            return Judgement("False", _reason(issue), message)
    for condition in facts.parts(deployment, "status", "conditions"):
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return Judgement("False", Reason.UPGRADE_BLOCKED, f"No further pod of {component} became ready in time")
    return Judgement("False", Reason.ROLLING, f"Pods of {component} are starting")


def issues(observed: Observed) -> Sequence[Issue]:
    """Pods that have a problem, in the order of their names."""
    found = [
        issue
        for pod in sorted(observed.pods, key=lambda pod: str(pod["metadata"]["name"]))
        if not pod["metadata"].get("deletionTimestamp")
        for issue in _of_pod(pod)
    ]
    return found[:_MOST_ISSUES]


def _of_pod(pod: Manifest) -> Iterator[Issue]:
    name = str(pod["metadata"]["name"])
    component = str(facts.part(pod, "metadata", "labels").get(labels.COMPONENT) or "")
    for condition in facts.parts(pod, "status", "conditions"):
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "Unschedulable":
            yield Issue(
                component=component,
                pod=name,
                reason="Unschedulable",
                message=_shortened(str(condition.get("message") or "")),
                hint="Add nodes, or lower requests and constraints",
            )
    for kind in ("initContainerStatuses", "containerStatuses"):
        for container in facts.parts(pod, "status", kind):
            waits = str(facts.part(container, "state", "waiting").get("reason") or "")
            if waits in _WAITING:
                _, is_fatal, hint = _WAITING[waits]
                yield Issue(
                    component=component,
                    pod=name,
                    container=str(container.get("name")),
                    reason=waits,
                    message=_message(container, waits),
                    hint=hint,
                    fatal=is_fatal,
                )


def _message(container: Manifest, waits: str) -> str | None:
    """What is steady about it: Kubernetes' own message of a crash loop counts seconds."""
    ended = facts.part(container, "lastState", "terminated")
    if waits == "CrashLoopBackOff":
        return f"Ended with {ended.get('reason') or 'Error'}, exit code {ended.get('exitCode')}" if ended else None
    if waits in ("ImagePullBackOff", "ErrImagePull"):
        return f"Image {container.get('image')}"
    return _shortened(str(facts.part(container, "state", "waiting").get("message") or "")) or None


def _reason(issue: Issue) -> Reason:
    return _WAITING[issue.reason][0] if issue.reason in _WAITING else Reason.UNSCHEDULABLE


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " …"
