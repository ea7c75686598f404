"""Reads that the pages of a project and the page of a shared trace have in common."""

from starlette.responses import PlainTextResponse

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import observations, traces
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.observations import Texts
from elasticdash.shared.clickhouse.rows import ObservationKey, ObservationRow, TraceRow
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.ui_api.traces import views
from elasticdash.web.ui_api.traces.schemas import TextField, TraceTextsShape


async def get_trace_head(clickhouse: ClickHouse, project: ProjectScope, trace_id: str) -> TraceRow:
    """A trace without its texts; NotFoundError."""
    return _existing(await traces.find(clickhouse, project, trace_id, with_text=False))


async def get_texts(clickhouse: ClickHouse, project: ProjectScope, trace_id: str) -> TraceTextsShape:
    """Input, output and metadata of a trace, long ones cut; NotFoundError."""
    trace = _existing(await traces.find(clickhouse, project, trace_id))
    return views.texts(trace.input, trace.output, trace.metadata)


async def get_whole_trace_text(
    clickhouse: ClickHouse, project: ProjectScope, trace_id: str, field: TextField
) -> PlainTextResponse:
    """One text of a trace as a file; NotFoundError."""
    trace = _existing(await traces.find(clickhouse, project, trace_id))
    return _file(views.text_of(field, trace.input, trace.output))


async def get_observation(clickhouse: ClickHouse, project: ProjectScope, key: ObservationKey) -> ObservationRow:
    """One observation of a trace with its texts; NotFoundError."""
    found = await observations.fetch(clickhouse, project, [key], Texts.ALL)
    if not found:
        raise errors.NotFoundError("This observation does not exist or was deleted")
    return found[0]


async def get_whole_text(
    clickhouse: ClickHouse, project: ProjectScope, key: ObservationKey, field: TextField
) -> PlainTextResponse:
    """One text of an observation as a file; NotFoundError."""
    row = await get_observation(clickhouse, project, key)
    return _file(views.text_of(field, row.input, row.output))


def _existing(trace: TraceRow | None) -> TraceRow:
    if trace is None:
        raise errors.NotFoundError("This trace does not exist, was deleted, or has not arrived yet")
    return trace


def _file(text: str | None) -> PlainTextResponse:
    if text is None:
        raise errors.NotFoundError("There is no such text")
    # A browser that opens it must not take it for a page.
    return PlainTextResponse(text, headers={"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"})
