"""What asks for a rotation: an annotation, or a time that has come. Pure."""

from datetime import datetime, timedelta

from elasticdash.operator.api.enums import RotationClass
from elasticdash.operator.api.status import RotationStatus
from elasticdash.operator.naming import labels
from elasticdash.operator.plan.observed import Observed

_SCHEDULED = "schedule "


def request(observed: Observed, rotation_class: RotationClass, status: RotationStatus | None, known: str) -> str:
    """What asks for this class and was not honoured yet (`known` is what the present rotation follows); else empty."""
    honoured = {known, (status.requested if status else None) or ""}
    for asked in observed.instance.annotations.get(labels.ROTATE, "").split(","):
        name, _, _ = asked.strip().partition("/")
        if name == rotation_class and asked.strip() not in honoured:
            return asked.strip()
    due = status.next_due if status else None
    if not is_scheduled(observed, rotation_class) or not due or observed.observed_at < datetime.fromisoformat(due):
        return ""
    scheduled = f"{_SCHEDULED}{due}"
    return "" if scheduled in honoured else scheduled


def is_scheduled(observed: Observed, rotation_class: RotationClass) -> bool:
    """Whether the class is rotated by time."""
    rotation = observed.instance.spec.secrets.rotation
    return rotation.every is not None and rotation_class in rotation.classes


def next_due(observed: Observed, rotation_class: RotationClass, status: RotationStatus | None) -> str | None:
    """When the class is due next; None without a schedule. The first time counts from when it was first seen."""
    every = observed.instance.spec.secrets.rotation.every
    if every is None or not is_scheduled(observed, rotation_class):
        return None
    if status and status.last_rotated:
        return _text(datetime.fromisoformat(status.last_rotated) + every)
    first = _text(observed.observed_at + every)
    return (status.next_due if status else None) or first


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def timestamp(at: datetime) -> str:
    """A time as the status says it."""
    return _text(at)


def waited(since: str, now: datetime) -> timedelta:
    """How long ago; nothing for an unknown time."""
    return now - datetime.fromisoformat(since) if since else timedelta(0)
