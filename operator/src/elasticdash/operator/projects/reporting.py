"""What a project's status says: a pure function of what came of a look at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import pydantic

from elasticdash.operator.api.project import ApiKeyStatus, ProjectStatus
from elasticdash.operator.api.status import Condition
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest
from elasticdash.operator.projects.delivery import Delivery

READY = "Ready"
_SHOWN_CHARACTERS = 900
_MOST_KEYS = 8


class Reason(StrEnum):
    """Why a project is as it is."""

    DELIVERED = "Delivered"
    INVALID = "Invalid"
    LOGGER_NOT_READY = "LoggerNotReady"
    REFUSED = "Refused"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a look. `fields` are those of the status that are known anew."""

    reason: Reason
    message: str
    fields: Mapping[str, object] = field(default_factory=dict[str, object])


def judged(reason: Reason, message: str) -> Report:
    """A look that ended there."""
    return Report(reason, message[:_SHOWN_CHARACTERS])


def invalid(error: pydantic.ValidationError) -> Report:
    """A specification that can't be understood."""
    problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False))
    return judged(Reason.INVALID, "; ".join(problems))


def served(waiting: Mapping[str, datetime], delivered: Delivery, ids: tuple[str, str, str]) -> Report:
    """Everything is there; `ids` are organization, project and Secret, `waiting` old keys and their ends."""
    current = [ApiKeyStatus(public_key=delivered.current.public_key)] if delivered.current else []
    old = sorted(waiting.items(), key=lambda each: each[1], reverse=True)
    keys = [*current, *(ApiKeyStatus(public_key=key, expires=_text(at)) for key, at in old)]
    fields: dict[str, object] = {
        "organization_id": ids[0],
        "project_id": ids[1],
        "secret_name": ids[2],
        "keys": keys[:_MOST_KEYS],
        "last_rotated": _text(delivered.made) if delivered.made else None,
        "rotated": delivered.request or None,
    }
    return Report(Reason.DELIVERED, f"The key is in Secret {ids[2]}", fields)


def status(before: ProjectStatus, made: Report, generation: int, now: datetime) -> ProjectStatus:
    """The status as it should now be; equal to the one before when nothing changed."""
    present = next((each for each in before.conditions if each.type == READY), None)
    state = "True" if made.reason is Reason.DELIVERED else "False"
    since = present.last_transition_time if present and present.status == state else _text(now)
    condition = Condition(
        type=READY,
        status=state,
        observed_generation=generation,
        last_transition_time=since,
        reason=made.reason,
        message=made.message,
    )
    return before.model_copy(update={**made.fields, "observed_generation": generation, "conditions": [condition]})


def status_from_manifest(manifest: Manifest) -> ProjectStatus:
    """The status as it was written; empty when it can't be understood."""
    try:
        return ProjectStatus.model_validate(facts.part(manifest, "status"))
    except pydantic.ValidationError:
        return ProjectStatus()


def expiries(status: ProjectStatus) -> Mapping[str, datetime]:
    """When each old key's time is over, by public key."""
    return {key.public_key: datetime.fromisoformat(key.expires) for key in status.keys if key.expires}


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z" if at.utcoffset() is not None else at.isoformat()
