"""Takes scores out of the tables, and leaves a tombstone that late events can't lift."""

from collections.abc import Sequence

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.merging import TOMBSTONE_REVISION
from elasticdash.shared.clickhouse.query import ProjectDelete
from elasticdash.shared.domain.scope import ProjectScope

_STATEMENTS = ProjectDelete("event_log", "entity_kind = 'score' AND entity_id IN {score_ids:Array(String)}")
_VERSIONS = ProjectDelete("scores", "id IN {score_ids:Array(String)} AND revision < {tombstone:UInt64}")


async def delete_scores(clickhouse: ClickHouse, scope: ProjectScope, score_ids: Sequence[str], now_ms: int) -> None:
    """Delete scores with the statements about them; unknown ids are no error.

    The tombstones are written first, so readers and late events see the scores as deleted from then on. Ids that
    nothing is stored of get one too: their events may still be on the way. A tombstone names no trace, so it
    outlives the trace.
    """
    count = len(score_ids)
    columns = {
        "id": list(score_ids),
        "project_id": [scope.project_id] * count,
        "is_deleted": [1] * count,
        "revision": [TOMBSTONE_REVISION] * count,
        **{name: [now_ms] * count for name in ("timestamp", "created_at", "updated_at", "event_ts")},
    }
    await clickhouse.insert("scores", list(columns), list(columns.values()))
    await clickhouse.delete(scope, _STATEMENTS, {"score_ids": score_ids})
    await clickhouse.delete(scope, _VERSIONS, {"score_ids": score_ids, "tombstone": TOMBSTONE_REVISION})
