"""Sessions, users and environments: what traces have in common."""

from fastapi import APIRouter

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import trace_groups, trace_table
from elasticdash.shared.clickhouse.trace_groups import GroupBy
from elasticdash.web.auth.policies import ViewedProject
from elasticdash.web.dependencies import CurrentClickHouse
from elasticdash.web.ui_api.trace_groups.schemas import TraceGroupShape, TraceGroupsQuery, TraceGroupsShape
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}/trace-groups", tags=["trace groups"], route_class=UiRoute)


@router.get("/{by}", operation_id="listTraceGroups")
async def list_trace_groups(
    by: GroupBy, query: TraceGroupsQuery, project: ViewedProject, clickhouse: CurrentClickHouse
) -> TraceGroupsShape:
    """A page of groups of the traces a filter keeps."""
    kept = await trace_table.visible(clickhouse, project, query.predicates())
    found = await trace_groups.fetch_page(clickhouse, project, by, kept, query.page())
    has_more = len(found) > query.limit
    return TraceGroupsShape(
        groups=[TraceGroupShape.of(group) for group in found[: query.limit]],
        next=query.offset + query.limit if has_more else None,
    )


@router.get("/{by}/{key:path}", operation_id="getTraceGroup")
async def get_trace_group(
    by: GroupBy, key: str, project: ViewedProject, clickhouse: CurrentClickHouse
) -> TraceGroupShape:
    """One group with the totals of all its traces."""
    kept = await trace_table.visible(clickhouse, project, [])
    found = await trace_groups.find(clickhouse, project, by, key, kept)
    if found is None:
        raise errors.NotFoundError(f"No trace names this {by}, or none any more")
    return TraceGroupShape.of(found)
