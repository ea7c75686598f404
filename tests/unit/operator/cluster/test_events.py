"""Events: one for each change of a condition, and none for how an instance begins."""

from typing import Any, cast

from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.cluster import events
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.plan.observed import Manifest
from elasticdash.shared import errors

AT = "2026-01-01T12:00:00Z"
INSTANCE = {"kind": "ElasticDashLogger", "metadata": {"name": "obs", "namespace": "prod", "uid": "u"}}


def said(type_: str, value: str, reason: str, at: str = AT, message: str = "why") -> dict[str, Any]:
    return {"type": type_, "status": value, "reason": reason, "lastTransitionTime": at, "message": message}


def status(*conditions: dict[str, Any]) -> LoggerStatus:
    return LoggerStatus.model_validate({"conditions": list(conditions)})


class Posted:
    """Keeps what is created; a second one of the same name is a conflict, as on an API server."""

    def __init__(self, refuses: Exception | None = None) -> None:
        self.events: dict[str, Manifest] = {}
        self.refuses = refuses

    async def create(self, manifest: Manifest) -> Manifest:
        if self.refuses is not None:
            raise self.refuses
        if manifest["metadata"]["name"] in self.events:
            raise errors.ConflictError("it exists")
        self.events[manifest["metadata"]["name"]] = manifest
        return manifest


def test_how_an_instance_begins_is_no_news():
    after = status(
        said("WebReady", "False", "Waiting"),
        said("MigrationsApplied", "False", "Running"),
        said("Paused", "False", "NotPaused"),
        said("UpgradeProgressing", "True", "InProgress"),
        said("AutoscalingActive", "False", "Disabled"),
        said("SecretsReady", "True", "Generated"),
    )

    assert events.news(LoggerStatus(), after) == []


def test_what_is_wrong_from_the_beginning_is_news():
    found = events.news(LoggerStatus(), status(said("SecretsReady", "False", "Missing", message="no Secret a")))

    assert [(each.kind, each.reason, each.message) for each in found] == [
        ("Warning", "Missing", "SecretsReady is False: no Secret a")
    ]


def test_another_message_alone_is_no_news():
    before = status(said("WebReady", "False", "Rolling", message="a"))

    assert events.news(before, status(said("WebReady", "False", "Rolling", message="b"))) == []


def test_each_change_is_normal_or_a_warning():
    before = status(said("WebReady", "False", "Rolling"), said("MigrationsApplied", "False", "Running"))
    after = status(said("WebReady", "True", "Available"), said("MigrationsApplied", "False", "Failed"))

    assert [(each.kind, each.reason) for each in events.news(before, after)] == [
        ("Normal", "Available"),
        ("Warning", "Failed"),
    ]


async def test_the_same_change_seen_twice_is_one_event_and_a_later_one_another():
    posted = Posted()
    down, up = status(said("WebReady", "False", "CrashLoop")), status(said("WebReady", "True", "Available"))
    later = status(said("WebReady", "False", "CrashLoop", at="2026-01-01T13:00:00Z"))

    for before, after in ((down, up), (down, up), (later, up)):
        await events.post(cast("Cluster", posted), INSTANCE, events.news(before, after), AT)

    assert len(posted.events) == 2
    for event in posted.events.values():
        assert event["involvedObject"]["uid"] == "u"
        assert event["metadata"]["namespace"] == "prod"


async def test_an_event_that_is_refused_stops_nothing():
    news = events.news(status(said("WebReady", "False", "Rolling")), status(said("WebReady", "True", "Available")))

    await events.post(cast("Cluster", Posted(errors.AccessDeniedError("forbidden"))), INSTANCE, news, AT)
