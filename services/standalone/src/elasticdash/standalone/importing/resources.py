"""The lists an import copies: where each is read, by which time, and how a row becomes an event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from elasticdash.shared import errors
from elasticdash.standalone.importing import events
from elasticdash.standalone.importing.api_client import ApiClient
from elasticdash.standalone.importing.events import Event, Row
from elasticdash.standalone.importing.windows import Window

ToEvent = Callable[[Row, Mapping[str, str]], Event]


@dataclass(frozen=True, slots=True)
class Resource:
    """One list of the public API; `paths` are tried in order, as older sources lack the newer ones."""

    name: str
    paths: tuple[str, ...]
    time_field: str
    since_parameter: str
    until_parameter: str
    to_event: ToEvent
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    def path_at(self, api: ApiClient) -> str:
        """The first path this API has."""
        for path in self.paths:
            try:
                api.get(path, {"limit": 1})
            except errors.NotFoundError:
                continue
            return path
        raise errors.ElasticDashError(f"{api.base_url} has none of {', '.join(self.paths)}")

    def within(self, window: Window) -> dict[str, Any]:
        """Query parameters for a time window."""
        bounds = {self.since_parameter: _text(window.since), self.until_parameter: _text(window.until)}
        return {**self.parameters, **bounds}

    def oldest(self, api: ApiClient, path: str) -> datetime | None:
        """Time of the first item, None when the list is empty: lists are in descending order of time."""
        pages = int(api.get(path, {"limit": 1})["meta"]["totalPages"])
        found = api.page(path, {}, pages, 1) if pages else ()
        return datetime.fromisoformat(found[0][self.time_field]) if found else None


TRACES = Resource(
    "traces",
    ("/traces",),
    "timestamp",
    "fromTimestamp",
    "toTimestamp",
    lambda row, _: events.trace_event(row),
    # The totals and ids that a list adds cost its server the most, and are computed anew here.
    {"fields": "core,io"},
)
OBSERVATIONS = Resource(
    "observations",
    ("/observations",),
    "startTime",
    "fromStartTime",
    "toStartTime",
    lambda row, _: events.observation_event(row),
)
SCORES = Resource("scores", ("/v2/scores", "/scores"), "timestamp", "fromTimestamp", "toTimestamp", events.score_event)
ALL = (TRACES, OBSERVATIONS, SCORES)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
