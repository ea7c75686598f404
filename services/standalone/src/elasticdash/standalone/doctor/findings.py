"""What the doctor says of a store: judgements of facts that others gathered, each with what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from elasticdash.shared.migrate.status import StoreStatus

Level = Literal["ok", "warn", "fail"]

_MAX_CLOCK_SECONDS = 2.0
_LEAST_FREE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Judgement:
    """One fact of a store. `remedy` is empty when all is well."""

    level: Level
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    store: str
    check: str
    level: Level
    message: str
    remedy: str


def worst(findings: Sequence[Finding]) -> Level:
    """The level of the whole report."""
    levels = {finding.level for finding in findings}
    return "fail" if "fail" in levels else "warn" if "warn" in levels else "ok"


def ok(message: str) -> Judgement:
    """All is well."""
    return Judgement("ok", message)


def version(product: str, found: str, least: tuple[int, ...]) -> Judgement:
    """Whether a server is new enough; a version that is no number counts as too old."""
    parts = [int(part) if part.isdigit() else 0 for part in found.split(".")[: len(least)]]
    if tuple(parts) >= least:
        return ok(f"{product} {found}")
    wanted = ".".join(map(str, least))
    return Judgement("fail", f"{product} {found} is too old", f"Upgrade the server: {wanted} or newer is needed")


def schema(status: StoreStatus) -> Judgement:
    """Whether this version of the Logger can run on a schema."""
    if status.is_current:
        return ok(status.explained())
    if status.unknown or status.changed:
        return Judgement("fail", status.explained(), "Use the version of the Logger that made the schema, or a newer")
    return Judgement("fail", status.explained(), f"Run `elasticdash migrate {status.store}`")


def clock(theirs: float, asked_at: float, answered_at: float, resolution_seconds: float = 0.0) -> Judgement:
    """How far a store's clock is from ours, in POSIX seconds; the time its answer took is not held against it."""
    ahead = max(theirs - answered_at, 0.0)
    behind = max(asked_at - theirs - resolution_seconds, 0.0)
    if max(ahead, behind) <= _MAX_CLOCK_SECONDS:
        return ok(f"within {_MAX_CLOCK_SECONDS:g} s of this machine's")
    message = f"{ahead or behind:.0f} s {'ahead of' if ahead else 'behind'} this machine's"
    return Judgement("warn", message, "Let NTP set both clocks: retention, retries and reported ages go by them")


def room(what: str, free: float, total: float, remedy: str) -> Judgement:
    """Whether a disk or a memory has room left, both in bytes."""
    share = free / total if total > 0 else 0.0
    message = f"{share:.0%} of {what} is free"
    return ok(message) if share >= _LEAST_FREE_SHARE else Judgement("warn", message, remedy)
