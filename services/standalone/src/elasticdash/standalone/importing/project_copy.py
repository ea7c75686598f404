"""Copies one project from a Langfuse API to a Logger: definitions first, then what was recorded, window by window."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec
import structlog

from elasticdash.standalone.importing import catalogue, datasets, resources, windows
from elasticdash.standalone.importing.api_client import ApiClient, Json
from elasticdash.standalone.importing.events import Event
from elasticdash.standalone.importing.progress import ProgressFile
from elasticdash.standalone.importing.resources import Resource
from elasticdash.standalone.importing.windows import Window

log = structlog.get_logger()

Say = Callable[[str, int], None]

_PAGE_SIZE = 100
# Lists are read by page number: the engine of the source pays for every page before.
_MOST_PER_WINDOW = 5000
_MOST_EVENTS = 500
_MOST_BYTES = 3 << 20


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items a list has in the source and in the target."""

    resource: str
    source: int
    target: int


class ProjectCopy:
    """One import between two APIs. Doing it again, or going on after a stop, doubles nothing: ids stay the same."""

    def __init__(self, source: ApiClient, target: ApiClient, progress: ProgressFile, since: datetime | None) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._since = since
        self._paths = {resource.name: resource.path_at(source) for resource in resources.ALL}

    def ranges(self) -> dict[str, Window]:
        """What is still to be copied, by resource; empty lists are absent."""
        found: dict[str, Window] = {}
        for resource in resources.ALL:
            done = self._progress.state.done_until.get(resource.name)
            start = done or self._since or resource.oldest(self._source, self._paths[resource.name])
            if start is not None:
                found[resource.name] = Window(start, self._progress.state.until)
        return found

    def remaining(self, ranges: Mapping[str, Window]) -> dict[str, int]:
        """How many items of each resource those ranges hold in the source."""
        return {name: self._count(self._source, _resource(name), window) for name, window in ranges.items()}

    def run(self, ranges: Mapping[str, Window], say: Say) -> None:
        """Copy everything; `say` hears each resource and how many items of it were read since the last time."""
        self._progress.state.config_ids = catalogue.copy_score_configs(
            self._source, self._target, self._progress.state.config_ids
        )
        say("models", catalogue.copy_models(self._source, self._target))
        say("prompts", catalogue.copy_prompts(self._source, self._target))
        say("dataset items", datasets.copy_datasets(self._source, self._target))
        for name, whole in ranges.items():
            resource = _resource(name)
            parts = windows.small_enough(whole, partial(self._count, self._source, resource), _MOST_PER_WINDOW)
            for window in parts:
                self._copy_window(resource, window, say)
                self._progress.state.done_until[name] = window.until
                self._progress.save()

    def counts(self, ranges: Mapping[str, Window]) -> list[Counts]:
        """Items of each whole list up to the end of the import, on both sides."""
        found: list[Counts] = []
        for resource in resources.ALL:
            if resource.name in ranges:
                first = self._since or resource.oldest(self._source, self._paths[resource.name])
                whole = Window(first or self._progress.state.until, self._progress.state.until)
                here = self._count(self._target, resource, whole)
                found.append(Counts(resource.name, self._count(self._source, resource, whole), here))
        return found

    def _copy_window(self, resource: Resource, window: Window, say: Say) -> None:
        for rows in self._pages(resource, window):
            self._send([resource.to_event(row, self._progress.state.config_ids) for row in rows])
            say(resource.name, len(rows))

    def _pages(self, resource: Resource, window: Window) -> Iterator[Sequence[Json]]:
        number = 1
        while rows := self._source.page(self._paths[resource.name], resource.within(window), number, _PAGE_SIZE):
            yield rows
            number += 1

    def _send(self, events: Sequence[Event]) -> None:
        for batch in batches_of(events):
            answer = self._target.post("/ingestion", {"batch": batch})
            for refusal in answer["errors"]:
                self._progress.state.refused += 1
                log.error("event_refused", id=refusal["id"], reason=refusal.get("error") or refusal.get("message"))

    def _count(self, api: ApiClient, resource: Resource, window: Window) -> int:
        path = self._paths[resource.name] if api is self._source else resource.paths[0]
        return api.count(path, resource.within(window))


def batches_of(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """The events in order, in requests that any Langfuse-compatible endpoint takes; a larger event goes alone."""
    batch: list[Event] = []
    size = 0
    for event in events:
        event_size = len(msgspec.json.encode(event))
        if batch and (len(batch) >= _MOST_EVENTS or size + event_size > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += event_size
    if batch:
        yield batch


def _resource(name: str) -> Resource:
    return next(resource for resource in resources.ALL if resource.name == name)
