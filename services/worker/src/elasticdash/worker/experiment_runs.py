"""Notes which observations are items of experiments."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from elasticdash.shared.domain.experiments import ExperimentItem
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import dataset_runs
from elasticdash.shared.postgres.dataset_runs import Link, RunFields
from elasticdash.shared.postgres.engine import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


class ExperimentRuns:
    """Makes a run of every experiment, and an item of it of the root of each item."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def note(self, scope: ProjectScope, observations: Sequence[Observation]) -> None:
        """Store what the observations say. Saying it again changes nothing; UnavailableError as of the store."""
        roots = [(row, row.experiment_item) for row in observations if row.experiment_item is not None]
        if not roots:
            return
        runs = [_run(item) for _, item in roots]
        links = [_link(row, item) for row, item in roots]
        async with self._database.writing() as session:
            await dataset_runs.add(session, scope, runs, links, self._now())


def _run(item: ExperimentItem) -> RunFields:
    return RunFields(
        id=item.experiment_id,
        name=item.experiment_name,
        description=item.description,
        details=None if item.metadata is None else json.loads(item.metadata),
        dataset_id=item.dataset_id,
    )


def _link(row: Observation, item: ExperimentItem) -> Link:
    return Link(
        run_id=item.experiment_id,
        item_id=item.item_id,
        trace_id=row.trace_id,
        observation_id=row.id,
        item_version=None if item.item_version_us is None else _time(item.item_version_us),
        start_time=_time(row.start_time_us),
        end_time=_time(row.start_time_us if row.end_time_us is None else row.end_time_us),
    )


def _time(microseconds: int) -> datetime:
    """A span may name any time: the nearest there is."""
    return _EPOCH + timedelta(microseconds=min(max(microseconds, 0), _LAST_US))
