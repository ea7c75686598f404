"""One step of an instance's rotations at a time: at most one action, with its Secrets written in the safe order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from elasticdash.operator.api.status import RotationStatus
from elasticdash.operator.naming import names
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan import secrets
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from elasticdash.operator.plan.observed import Manifest, Observed
from elasticdash.operator.plan.release import Release
from elasticdash.operator.rotation import machine, record, reencryption, requests, rollout
from elasticdash.operator.rotation.machine import Action, Decision, Facts, Phase, Stage
from elasticdash.operator.rotation.record import Record
from elasticdash.operator.rotation.stores import StoreRejectedError
from elasticdash.operator.rotation.subjects import OpenApi, OpenLogins, RandomSource, Subject, shown_id, subjects
from elasticdash.shared import errors

_SHOWN_CHARACTERS = 900


class Applier(Protocol):
    """What is needed of the API server."""

    async def apply(self, manifest: Manifest, /) -> Manifest: ...


@dataclass(frozen=True, slots=True)
class Stepped:
    """What came of a step: what is observed then, objects that belong to rotations, and the status.

    `is_under_way`: another look is due soon.
    """

    observed: Observed
    manifests: Sequence[Manifest]
    statuses: Sequence[RotationStatus]
    is_under_way: bool


class Rotator:
    """Remembers nothing: a process that begins in the middle goes on."""

    def __init__(
        self, applier: Applier, release: Release, open_logins: OpenLogins, open_api: OpenApi, random: RandomSource
    ) -> None:
        self._applier = applier
        self._release = release
        self._open_logins = open_logins
        self._open_api = open_api
        self._random = random

    async def step(self, observed: Observed) -> Stepped:
        """Go one step on with the rotation that is under way, or begin the next one that is asked for."""
        all_subjects = subjects(observed, self._open_logins, self._open_api)
        chosen = self._chosen(all_subjects)
        statuses: list[RotationStatus] = []
        manifests: list[Manifest] = []
        is_under_way = False
        for subject in all_subjects:
            kept = _record_of(subject.observed, subject)
            if subject is not chosen:
                statuses.append(self._resting(subject, kept, chosen))
                continue
            decision, kept, observed = await self._advance(subject, kept)
            if decision.action is Action.REENCRYPT:
                manifests += reencryption.job(Blueprint(observed, self._release), shown_id(kept.following))
            is_under_way = decision.phase not in (Phase.IDLE, Phase.BLOCKED)
            statuses.append(_status(subject, kept, decision))
        values = observed.secrets.get(names.rotation_secret(observed.instance.name), {})
        if values:
            manifests.append(secrets.of_rotations(observed, values))
        return Stepped(observed, manifests, [each for each in statuses if _says_something(each)], is_under_way)

    def _chosen(self, all_subjects: Sequence[Subject]) -> Subject | None:
        """The one under way, else the first that is asked for, else one that waits for users of its old credential.

        Some wait for long, a salt for the last of its API keys to be used: others need not.
        """
        kept = {each.rotation_class: _record_of(each.observed, each) for each in all_subjects}
        begun = [each for each in all_subjects if not kept[each.rotation_class].is_empty]
        active = [each for each in begun if not kept[each.rotation_class].blocked and not _is_waiting_for_users(each)]
        asked = [each for each in all_subjects if _request(each) and not each.impossible()]
        waiting = [each for each in begun if not kept[each.rotation_class].blocked]
        return next(iter((*active, *asked, *waiting)), None)

    def _resting(self, subject: Subject, kept: Record, chosen: Subject | None) -> RotationStatus:
        request = _request(subject)
        if request and (why := subject.impossible()):
            return _status(subject, kept, Decision(Phase.BLOCKED, Action.WAIT, why))
        if request and chosen:
            waiting = f"Waits for the rotation of {chosen.rotation_class}"
            return _status(subject, kept, Decision(Phase.IDLE, Action.WAIT, waiting))
        if kept.blocked:
            return _status(subject, kept, Decision(Phase.BLOCKED, Action.WAIT, kept.blocked))
        before = _status_before(subject)
        if not kept.is_empty:
            return _status(subject, kept, Decision(Phase.VERIFYING, Action.WAIT, (before and before.message) or ""))
        phase = Phase.DONE if kept.finished or (before and before.last_rotated) else Phase.IDLE
        return _status(subject, kept, Decision(phase, Action.WAIT))

    async def _advance(self, subject: Subject, kept: Record) -> tuple[Decision, Record, Observed]:
        request = _request(subject)
        if kept.blocked and request:
            kept = kept.reached(subject.observed.observed_at, request=request, blocked="")
            subject.observed = await self._keep(subject.observed, subject, kept)
        try:
            decision = machine.decide(await _facts(subject, kept, bool(request)))
            kept, observed = await self._perform(subject, kept, decision.action, request)
        except StoreRejectedError as error:
            kept = kept.reached(subject.observed.observed_at, blocked=str(error)[:_SHOWN_CHARACTERS])
            decision = Decision(Phase.BLOCKED, Action.WAIT, kept.blocked)
            observed = await self._keep(subject.observed, subject, kept)
        except errors.UnavailableError as error:
            decision = Decision(Phase.VERIFYING, Action.WAIT, str(error)[:_SHOWN_CHARACTERS])
            observed = subject.observed
        if decision.action in (Action.FINISH, Action.REVOKE) and kept.is_empty:
            decision = Decision(Phase.DONE, decision.action)
        return decision, kept, observed

    async def _perform(self, subject: Subject, kept: Record, action: Action, request: str) -> tuple[Record, Observed]:
        """Do it. The record is written before what it speaks of, so that a stop in between does it again."""
        now, observed = subject.observed.observed_at, subject.observed
        match action:
            case Action.WAIT | Action.REENCRYPT:
                return kept, observed
            case Action.BEGIN:
                kept = subject.begun(self._random).reached(now, request=request, finished=kept.finished)
                return kept, await self._keep(observed, subject, kept)
            case Action.ACCEPT:
                return await self._reached(subject, kept, subject.accept(kept))
            case Action.PUBLISH:
                return await self._reached(subject, kept, await subject.publish(kept))
            case Action.RETURN:
                observed = await self._write(observed, await subject.give_back(kept))
                reason = "Pods with the new credential did not become ready in time; the old one is in use again"
                kept = kept.reached(now, blocked=reason)
                return kept, await self._keep(observed, subject, kept)
            case Action.REVOKE:
                written = await subject.revoke(kept)
                if subject.is_keyring:
                    return await self._reached(subject, kept, written)
                return await self._forget(subject, kept)
            case Action.FINISH:
                return await self._forget(subject, kept)

    async def _reached(self, subject: Subject, kept: Record, written: Sequence[Manifest]) -> tuple[Record, Observed]:
        kept = kept.reached(subject.observed.observed_at)
        observed = await self._keep(subject.observed, subject, kept)
        return kept, await self._write(observed, written)

    async def _forget(self, subject: Subject, kept: Record) -> tuple[Record, Observed]:
        at = requests.timestamp(subject.observed.observed_at)
        ended = Record(request=kept.request, finished=at)
        return ended, await self._keep(subject.observed, subject, ended)

    async def _keep(self, observed: Observed, subject: Subject, kept: Record) -> Observed:
        values = observed.secrets.get(names.rotation_secret(observed.instance.name), {})
        written = record.written(values, subject.rotation_class, kept)
        return await self._write(observed, [secrets.of_rotations(observed, written)])

    async def _write(self, observed: Observed, manifests: Sequence[Manifest]) -> Observed:
        for manifest in manifests:
            applied = await self._applier.apply(manifest)
            # What is read from the live object, like the stores that were rotated, is as new as its values.
            observed = replace(observed, children={**observed.children, facts.key_of(manifest): applied})
        return secrets.observed_with(observed, manifests)


async def _facts(subject: Subject, kept: Record, is_requested: bool) -> Facts:
    observed = subject.observed
    rotation = observed.instance.spec.secrets.rotation
    stage, busy = subject.stage(kept), rollout.busy(observed)
    is_rolled = not subject.is_in_pods or rollout.is_rolled(observed)
    is_asked = stage is Stage.PUBLISHED and is_rolled and not busy
    return Facts(
        stage=stage,
        is_requested=is_requested,
        is_keyring=subject.is_keyring,
        needs_job=subject.needs_job,
        busy=busy,
        blocked=kept.blocked,
        is_rolled=is_rolled,
        in_stage=requests.waited(kept.since, observed.observed_at),
        users_of_old=await _users(subject, kept) if is_asked else None,
        max_roll_time=rotation.max_roll_time,
        overlap=timedelta(0) if subject.is_in_pods else rotation.overlap,
    )


async def _users(subject: Subject, kept: Record) -> int | None:
    try:
        return await subject.count_users(kept)
    except errors.UnavailableError:
        return None


def _record_of(observed: Observed, subject: Subject) -> Record:
    values = observed.secrets.get(names.rotation_secret(observed.instance.name), {})
    return record.read(values, subject.rotation_class)


def _request(subject: Subject) -> str:
    known = _record_of(subject.observed, subject).request
    return requests.request(subject.observed, subject.rotation_class, _status_before(subject), known)


def _is_waiting_for_users(subject: Subject) -> bool:
    before = _status_before(subject)
    return before is not None and before.phase in (Phase.VERIFYING, Phase.BLOCKED)


def _status_before(subject: Subject) -> RotationStatus | None:
    for status in subject.observed.instance.status.rotation:
        if status.rotation_class is subject.rotation_class:
            return status
    return None


def _status(subject: Subject, kept: Record, decision: Decision) -> RotationStatus:
    before, now = _status_before(subject), requests.timestamp(subject.observed.observed_at)
    last = kept.finished or (before.last_rotated if before else None)
    started = None if kept.is_empty else (before.started if before and before.started else now)
    made = RotationStatus.model_validate(
        {
            "class": subject.rotation_class,
            "phase": decision.phase.value,
            "activeId": None if kept.is_empty else shown_id(kept.following),
            "requested": kept.request or (before.requested if before else None),
            "started": started,
            "lastRotated": last,
            "message": decision.message or None,
        }
    )
    due = requests.next_due(subject.observed, subject.rotation_class, made if last else before)
    return made.model_copy(update={"next_due": due})


def _says_something(status: RotationStatus) -> bool:
    return status.phase != Phase.IDLE or bool(status.next_due or status.message or status.requested)
