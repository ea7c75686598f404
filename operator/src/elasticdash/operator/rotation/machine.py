"""What a rotation does next: a pure function of where its secrets are and who still uses the old one.

Nothing but facts decides, so a process that begins in the middle decides the same. Two ways lead to the end. A store
takes a second credential: BEGUN → PUBLISHED → gone. Keys that processes check themselves are accepted everywhere
before one uses them: BEGUN → ACCEPTED → PUBLISHED → DROPPED → gone.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Stage(StrEnum):
    """Where the new credential is: nowhere, kept, accepted by processes, used by them, the only one left."""

    NONE = "none"
    BEGUN = "begun"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    DROPPED = "dropped"


class Phase(StrEnum):
    """What the status says."""

    IDLE = "Idle"
    PREPARING = "Preparing"
    ROLLING = "Rolling"
    VERIFYING = "Verifying"
    REVOKING = "Revoking"
    DONE = "Done"
    BLOCKED = "Blocked"


class Action(StrEnum):
    """What to do now. Each can be done again after a stop in its middle.

    BEGIN keeps a new credential. ACCEPT makes processes accept it. PUBLISH makes the store accept it, then processes
    use it. RETURN makes processes use the old one again. REENCRYPT runs the Job that frees the old key. REVOKE ends
    the old one. FINISH forgets it.
    """

    WAIT = "wait"
    BEGIN = "begin"
    ACCEPT = "accept"
    PUBLISH = "publish"
    RETURN = "return"
    REENCRYPT = "reencrypt"
    REVOKE = "revoke"
    FINISH = "finish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one class.

    `busy` says what goes first (a migration, an upgrade, another rotation), empty for nothing. `is_rolled`: every pod
    is ready on the present values and no other exists. `in_stage` is the time since the stage was reached.
    `users_of_old` counts sessions or rows under the old credential, None when it can't be known now. `blocked` is why
    it was given up, until somebody asks again. `is_keyring`: processes check the credential themselves. `overlap` is
    how long consumers that can't be seen may still use the old one.
    """

    stage: Stage
    is_requested: bool = False
    is_keyring: bool = False
    needs_job: bool = False
    busy: str = ""
    blocked: str = ""
    is_rolled: bool = False
    in_stage: timedelta = timedelta(0)
    users_of_old: int | None = None
    max_roll_time: timedelta = timedelta(minutes=15)
    overlap: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, what to say. Only `RETURN` changes direction; everything else goes forward or waits."""

    phase: Phase
    action: Action
    message: str = ""


def decide(facts: Facts) -> Decision:
    """The next step of a rotation."""
    if facts.blocked and not facts.is_requested:
        return Decision(Phase.BLOCKED, Action.WAIT, facts.blocked)
    match facts.stage:
        case Stage.NONE:
            return _begin(facts)
        case Stage.BEGUN:
            if facts.busy:
                return Decision(Phase.PREPARING, Action.WAIT, f"Waits for {facts.busy}")
            return Decision(Phase.PREPARING, Action.ACCEPT if facts.is_keyring else Action.PUBLISH)
        case Stage.ACCEPTED:
            # Rows may be under the new key since an earlier try: it stays accepted.
            return _after_roll(facts, Decision(Phase.ROLLING, Action.PUBLISH), may_return=False)
        case Stage.PUBLISHED:
            return _after_roll(facts, _verified(facts), may_return=True)
        case Stage.DROPPED:
            return _after_roll(facts, Decision(Phase.REVOKING, Action.FINISH), may_return=False)


def _begin(facts: Facts) -> Decision:
    if not facts.is_requested:
        return Decision(Phase.IDLE, Action.WAIT)
    if facts.busy:
        return Decision(Phase.PREPARING, Action.WAIT, f"Waits for {facts.busy}")
    return Decision(Phase.PREPARING, Action.BEGIN)


def _after_roll(facts: Facts, then: Decision, *, may_return: bool) -> Decision:
    if facts.busy:
        return Decision(Phase.ROLLING, Action.WAIT, f"Waits for {facts.busy}")
    if facts.is_rolled:
        return then
    if facts.in_stage <= facts.max_roll_time:
        return Decision(Phase.ROLLING, Action.WAIT, "Waits until every pod is ready on the present credential")
    if may_return:
        return Decision(Phase.BLOCKED, Action.RETURN, "Pods with the new credential did not become ready in time")
    return Decision(Phase.BLOCKED, Action.WAIT, "Pods with the present credentials do not become ready")


def _verified(facts: Facts) -> Decision:
    if facts.in_stage < facts.overlap:
        return Decision(Phase.VERIFYING, Action.WAIT, "The old credential works on until its overlap is over")
    if facts.users_of_old is None:
        return Decision(Phase.VERIFYING, Action.WAIT, "Waits until it can be asked who uses the old credential")
    if facts.users_of_old == 0:
        return Decision(Phase.REVOKING, Action.REVOKE)
    message = f"The old credential is in use {facts.users_of_old} times: it stays"
    action = Action.REENCRYPT if facts.needs_job else Action.WAIT
    # Never by the clock: it only says that somebody should look.
    is_late = facts.in_stage > facts.max_roll_time and not facts.needs_job
    return Decision(Phase.BLOCKED if is_late else Phase.VERIFYING, action, message)
