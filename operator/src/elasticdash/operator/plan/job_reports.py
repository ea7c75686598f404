"""Reads what the containers of a migration Job said at their end."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.plan import observed
from elasticdash.operator.plan.observed import Manifest

# Names of the Job's containers: `elasticdash doctor` looks first, then `elasticdash migrate` runs.
PREFLIGHT = "preflight"
MIGRATE = "migrate"

_SHOWN_CHARACTERS = 900
# The words that servers and drivers use, by what they mean.
_AUTH_WORDS = ("password", "auth", "wrongpass", "credential", "signature", "(516)", "code: 516", "403")
_TLS_WORDS = ("certificate", "ssl", "tls")


@dataclass(frozen=True, slots=True)
class Check:
    """Something a preflight found wrong with a store."""

    store: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a Job. Empty `outcome`: no container said anything that could be read."""

    outcome: str = ""
    message: str = ""
    statement: str = ""
    hint: str = ""
    can_be_retried: bool = False
    checks: tuple[Check, ...] = ()


class _Finding(msgspec.Struct):
    store: str = ""
    check: str = ""
    level: str = ""
    message: str = ""
    remedy: str = ""


class _Message(msgspec.Struct):
    """What `elasticdash migrate` and `elasticdash doctor` leave behind."""

    outcome: str = ""
    message: str = ""
    statement: str = ""
    hint: str = ""
    can_be_retried: bool = False
    findings: list[_Finding] = []


def of_job(job: Manifest, pods: Sequence[Manifest]) -> Report:
    """What the last pod of a Job said; about exit codes when it said nothing."""
    ended = [
        (str(state.get("finishedAt") or ""), name, state)
        for pod in pods
        if _is_of(pod, job)
        for name, state in _terminated(pod)
        if state.get("exitCode")
    ]
    if not ended:
        return Report()
    _, name, state = max(ended, key=lambda each: each[0])
    return _report(name, state)


def _report(container: str, state: Manifest) -> Report:
    try:
        said = msgspec.json.decode(str(state.get("message") or ""), type=_Message)
    except msgspec.MsgspecError:
        said = _Message()
    if container == PREFLIGHT:
        return _of_preflight(said, state)
    if not said.outcome:
        return Report(message=f"the container ended with {state.get('reason') or 'exit code'} ({state['exitCode']})")
    return Report(said.outcome, _shortened(said.message), _shortened(said.statement), said.hint, said.can_be_retried)


def _of_preflight(said: _Message, state: Manifest) -> Report:
    """A look that found something changes nothing, so it is always repeated."""
    failed = [finding for finding in said.findings if finding.level == "fail"]
    if not failed:
        message = f"the check before it ended with {state.get('reason') or 'exit code'} ({state['exitCode']})"
        return Report(message=message, can_be_retried=True)
    checks = tuple(Check(each.store, _reason(each), _shortened(f"{each.message}. {each.remedy}")) for each in failed)
    first = failed[0]
    message = f"{first.store} {first.check}: {first.message}"
    return Report("check_failed", _shortened(message), hint=first.remedy, can_be_retried=True, checks=checks)


def _reason(finding: _Finding) -> Reason:
    words = finding.message.lower()
    if finding.check == "version":
        return Reason.VERSION_TOO_OLD
    if any(word in words for word in _AUTH_WORDS):
        return Reason.AUTH_FAILED
    if any(word in words for word in _TLS_WORDS):
        return Reason.TLS_FAILED
    return Reason.UNREACHABLE if finding.check == "connection" else Reason.CHECK_FAILED


def _is_of(pod: Manifest, job: Manifest) -> bool:
    owners = observed.parts(pod, "metadata", "ownerReferences")
    return any(owner.get("uid") == job["metadata"].get("uid") for owner in owners)


def _terminated(pod: Manifest) -> list[tuple[str, Manifest]]:
    containers = ("initContainerStatuses", "containerStatuses")
    return [
        (str(status.get("name")), ended)
        for kind in containers
        for status in observed.parts(pod, "status", kind)
        if (ended := observed.part(status, "state", "terminated"))
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " …"
