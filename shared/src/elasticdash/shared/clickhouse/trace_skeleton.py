"""The shape of a trace without its texts: one narrow row for each observation, however many there are."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from elasticdash.shared.clickhouse import filter_columns
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope

_INPUT_TOKENS = filter_columns.OBSERVATIONS["inputTokens"].sql
_OUTPUT_TOKENS = filter_columns.OBSERVATIONS["outputTokens"].sql


class Bone(NamedTuple):
    """What a tree and a timeline show of one observation. Its parent may be unknown here."""

    id: str
    parent_id: str
    type: str
    name: str
    level: str
    model: str
    start_us: int
    end_us: int | None
    first_token_us: int | None
    input_tokens: int
    output_tokens: int
    total_tokens: int
    cost_usd: Decimal | None


def of_trace(trace_id: str) -> ProjectQuery:
    """Bones of a trace's observations, unordered; the last column is is_deleted."""
    return ProjectQuery(
        "trace_skeleton",
        "\n".join(
            [
                "SELECT id, ifNull(parent_observation_id, ''), type, name, level, ifNull(provided_model_name, ''),",
                "toUnixTimestamp64Micro(start_time_us), toUnixTimestamp64Micro(end_time_us),",
                f"toUnixTimestamp64Micro(completion_start_time_us), {_INPUT_TOKENS}, {_OUTPUT_TOKENS},",
                "usage_details['total'], total_cost, is_deleted",
                "FROM observations",
                "WHERE project_id = {project_id:String} AND trace_id = {trace_id:String}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY id",
            ]
        ),
        {"trace_id": trace_id},
    )


async def fetch(clickhouse: ClickHouse, scope: ProjectScope, trace_id: str) -> Sequence[Bone]:
    """All live observations of a trace by (start time, id)."""
    found = await clickhouse.fetch_tuples(scope, of_trace(trace_id))
    return sorted((Bone._make(row[:-1]) for row in found if not row[-1]), key=lambda bone: (bone.start_us, bone.id))
