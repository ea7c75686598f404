"""Explains an instance: what is not as it should be, what comes first, and what to do. Pure, and without secrets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import quote, unquote, urlsplit

from elasticdash.operator.api.enums import ConditionType, Reason
from elasticdash.operator.api.status import Condition
from elasticdash.operator.naming import labels
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Json, Manifest, Observed
from elasticdash.operator.report import component_status
from elasticdash.operator.report.advice import ADVICE

_HIDDEN = "***"
# Shorter values are words that stand everywhere.
_SHORTEST_SECRET = 6
_SHOWN_CHARACTERS = 600
# True is the state in which a person has to look.
_NEGATIVE = frozenset({ConditionType.PAUSED, ConditionType.UPGRADE_PROGRESSING})
# What is on its way by itself, or is so by choice.
_CALM = frozenset({Reason.DISABLED, Reason.NOT_PAUSED, Reason.UP_TO_DATE, Reason.IN_PROGRESS})
# Causes before what follows from them.
_ORDER = (
    *(ConditionType.PAUSED, ConditionType.SPEC_VALID, ConditionType.SECRETS_READY, ConditionType.STORES_READY),
    *(ConditionType.MIGRATIONS_APPLIED, ConditionType.RECONCILE_SUCCEEDED, ConditionType.WEB_READY),
    *(ConditionType.WORKERS_READY, ConditionType.UPGRADE_PROGRESSING, ConditionType.ROTATION_READY),
    *(ConditionType.QUEUE_HEALTHY, ConditionType.AUTOSCALING_ACTIVE),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: what it is about, what was found, what to do."""

    subject: str
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was found, the first cause first, and the state beside it by name. Nothing of it holds a secret."""

    name: str
    namespace: str
    phase: str
    findings: Sequence[Finding]
    facts: Mapping[str, Sequence[str]]

    def text(self) -> str:
        """For a person."""
        lines = [f"{self.namespace}/{self.name}: {self.phase}", ""]
        for number, finding in enumerate(self.findings, 1):
            lines.append(f"{number}. {finding.subject}: {finding.found}")
            lines += [f"   → {finding.advice}"] if finding.advice else []
        lines += [] if self.findings else ["Nothing is wrong."]
        for title, entries in self.facts.items():
            lines += ["", f"{title}:", *(f"  {entry}" for entry in entries or ("none",))]
        return "\n".join(lines) + "\n"

    def json(self) -> dict[str, Json]:
        """For a program, or to be attached to a report."""
        return asdict(self)


def diagnose(observed: Observed, events: Sequence[Manifest] = ()) -> Diagnosis:
    """What a person should know of the instance as it was observed; `events` are Kubernetes' own about it."""
    status = observed.instance.status
    hide = _Hider(observed)
    found = [*_stale(observed), *_conditions(observed), *_pods(observed), *_migrations(observed)]
    return Diagnosis(
        name=observed.instance.name,
        namespace=observed.instance.namespace,
        phase=str(status.phase or "not looked at yet"),
        findings=[Finding(each.subject, hide(each.found), hide(each.advice)) for each in found],
        facts={title: [hide(entry) for entry in entries] for title, entries in _facts(observed, events).items()},
    )


def _stale(observed: Observed) -> Iterator[Finding]:
    seen, generation = observed.instance.status.observed_generation, observed.instance.generation
    if seen != generation:
        yield Finding(
            "operator",
            f"It has not looked at the present specification (generation {generation}, seen {seen or 'none'})",
            "Is it running, and does it serve this namespace? Look at its pods and their log",
        )


def _conditions(observed: Observed) -> Iterator[Finding]:
    by_type = {condition.type: condition for condition in observed.instance.status.conditions}
    for name in _ORDER:
        condition = by_type.get(name)
        if condition is None or not _is_wrong(condition):
            continue
        advice = ADVICE.get(name, {}).get(Reason(condition.reason), "")
        since = f"since {condition.last_transition_time}"
        yield Finding(name, f"{condition.reason} {since}. {condition.message}".strip(), advice.replace("`", ""))


def _is_wrong(condition: Condition) -> bool:
    if condition.type in _NEGATIVE:
        return condition.status == "True" or condition.reason == Reason.UPGRADE_BLOCKED
    return condition.status != "True" and condition.reason not in _CALM


def _pods(observed: Observed) -> Iterator[Finding]:
    for issue in component_status.issues(observed):
        where = f"pod {issue.pod}" + (f", container {issue.container}" if issue.container else "")
        yield Finding(where, f"{issue.reason}. {issue.message or ''}".strip(), issue.hint or "")
    for pod in observed.pods:
        for container in facts.parts(pod, "status", "containerStatuses"):
            ended = facts.part(container, "lastState", "terminated") or facts.part(container, "state", "terminated")
            if ended.get("exitCode"):
                yield _termination(pod, container, ended)


def _termination(pod: Manifest, container: Manifest, ended: Manifest) -> Finding:
    reason, code = str(ended.get("reason") or "Error"), ended.get("exitCode")
    said = " ".join(str(ended.get("message") or "").split())[:_SHOWN_CHARACTERS]
    name = pod["metadata"]["name"]
    times = f", {container['restartCount']} restarts" if container.get("restartCount") else ""
    found = f"ended last with {reason} (exit code {code}) at {ended.get('finishedAt')}{times}. {said}".strip()
    is_memory = reason == "OOMKilled"
    advice = (
        "Raise the component's resources.limits.memory"
        if is_memory
        else f"kubectl logs {name} --container {container.get('name')} --previous"
    )
    return Finding(f"pod {name}, container {container.get('name')}", found, advice)


def _migrations(observed: Observed) -> Iterator[Finding]:
    migrations = observed.instance.status.migrations
    last = migrations.history[0] if migrations.history else None
    if last and last.outcome != "done" and migrations.pending_identity == last.identity:
        statement = f" Last statement: {last.statement}" if last.statement else ""
        found = f"{last.store}: {last.outcome}. {last.message or ''}{statement}".strip()
        yield Finding(f"job {last.job}", found, last.hint or f"kubectl logs job/{last.job}")


def _facts(observed: Observed, events: Sequence[Manifest]) -> Mapping[str, Sequence[str]]:
    status = observed.instance.status
    version, queue = status.version, status.worker.queue
    answers = {True: "answers", False: "DOWN", None: "not known"}
    return {
        "versions": [f"running {version.running or 'none'}, wanted {version.desired or 'none'}"],
        "stores": [
            f"{store.name} {store.host or ''}{' (bundled)' if store.bundled else ''}: {answers[store.reachable]}"
            for store in status.stores
        ],
        "pods": [_pod(pod) for pod in sorted(observed.pods, key=lambda pod: str(pod["metadata"]["name"]))],
        "migrations": [f"{run.job} ({run.store}): {run.outcome}" for run in status.migrations.history],
        "rotation": [
            f"{each.rotation_class}: {each.phase}" + (f". {each.message}" if each.message else "")
            for each in status.rotation
        ],
        "queue": [f"{queue.depth} waiting, {queue.pending} being worked on, oldest {queue.oldest_age_seconds} s"]
        if queue
        else ["not known"],
        "events": [_event(event) for event in _latest(events)],
    }


def _pod(pod: Manifest) -> str:
    component = facts.part(pod, "metadata", "labels").get(labels.COMPONENT)
    containers = facts.parts(pod, "status", "containerStatuses")
    restarts = sum(int(container.get("restartCount") or 0) for container in containers)
    state = "ready" if facts.true_condition(pod, "Ready") else str(facts.part(pod, "status").get("phase"))
    return f"{pod['metadata']['name']} ({component}): {state}, {restarts} restarts"


def _event(event: Manifest) -> str:
    about = facts.part(event, "involvedObject")
    when = event.get("lastTimestamp") or event.get("eventTime")
    return f"{when} {event.get('reason')} {about.get('kind')}/{about.get('name')}: {event.get('message')}"


def _latest(events: Sequence[Manifest], most: int = 15) -> Iterable[Manifest]:
    warnings = [event for event in events if event.get("type") == "Warning"]
    return sorted(warnings, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime")))[-most:]


class _Hider:
    """Puts stars in place of every value of the instance's Secrets, and of passwords in URLs among them."""

    def __init__(self, observed: Observed) -> None:
        values: set[str] = set()
        for secret in observed.secrets.values():
            for value in secret.values():
                password = urlsplit(value).password if "://" in value else None
                values |= {password, unquote(password), value} if password else {value}
        shown = {value for value in values if len(value) >= _SHORTEST_SECRET and not _is_address(value)}
        # The longest first: one may be a part of another.
        self._values = sorted({*shown, *(quote(value, safe="") for value in shown)}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, _HIDDEN)
        return text


def _is_address(value: str) -> bool:
    """A URL without a login tells nobody anything: hosts must be seen."""
    return "://" in value and "@" not in value
