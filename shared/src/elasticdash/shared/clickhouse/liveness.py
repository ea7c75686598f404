"""Tells whether the engine answers, and whether anything arrives; no row of any project leaves it."""

from datetime import datetime

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement

_HAS_EVENTS = """
SELECT
    EXISTS(SELECT 1 FROM traces_by_time WHERE timestamp_us >= {since:DateTime64(6)})
    OR EXISTS(SELECT 1 FROM observations_by_time WHERE start_time_us >= {since:DateTime64(6)}) AS has_events
"""


async def check(clickhouse: ClickHouse) -> None:
    """Nothing when the engine answers; UnavailableError or ElasticDashError when it doesn't."""
    await clickhouse.fetch_system(SystemStatement("check", "SELECT 1"))


async def has_events_since(clickhouse: ClickHouse, since: datetime) -> bool:
    """Whether any project has a trace or an observation from then on."""
    [row] = await clickhouse.fetch_system(SystemStatement("has_events", _HAS_EVENTS, {"since": since}))
    return bool(row["has_events"])
