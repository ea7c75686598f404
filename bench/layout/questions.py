"""What readers and the worker ask, in every form that is a candidate."""

# ruff: noqa: S608 these statements are made of constants; values travel as parameters

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.layout.corpus import RARE_WORD
from elasticdash.shared.clickhouse import merging
from elasticdash.shared.domain.events import EntityKind


@dataclass(frozen=True, slots=True)
class Question:
    """A query, measured with the parameters of each round's sample. `{wide}` is the candidate's table."""

    name: str
    sql: str
    settings: Mapping[str, object] = field(default_factory=dict[str, object])


# Sums of one project-hour in one row: a recomputed hour replaces all of it. `{since}` bounds the hours.
USAGE_OF_HOURS = """
    SELECT project_id, hour, groupArray((model, observation_count, cost, tokens)) AS by_model, 1 AS version
    FROM
    (
        SELECT project_id, toStartOfHour(start_time_us) AS hour, provided_model_name AS model,
               count() AS observation_count, sum(total_cost) AS cost, sum(usage_details['total']) AS tokens
        FROM observations_by_time FINAL
        WHERE start_time_us >= {since}
        GROUP BY 1, 2, 3
    )
    GROUP BY project_id, hour
"""
_P = "project_id = {project_id:String}"
_TEXT_COLUMNS = (
    "id, trace_id, parent_observation_id, type, name, start_time_us, end_time_us, level, metadata, input, output, "
    "provided_model_name, usage_details, cost_details, total_cost, revision, is_deleted"
)
_LIST_COLUMNS = (
    "trace_id, timestamp_us, name, user_id, session_id, tags, metadata, observation_count, start_time_us, end_time_us, "
    "total_cost, total_tokens, error_count, models, is_deleted"
)
_NO_TEXT_IO = (
    "o.input IS NOT NULL AND o.output IS NOT NULL AND o.input NOT IN ('', '{}') AND o.output NOT IN ('', '{}')"
)

_TOTALS = merging.trace_totals([]).sql.replace("FROM observations", "FROM {wide}")
WIDE = (
    Question(
        "one trace",
        f"SELECT {_TEXT_COLUMNS} FROM {{wide}} WHERE {_P} AND trace_id = {{trace_id:String}} "
        "ORDER BY revision DESC LIMIT 1 BY id",
    ),
    Question(
        "one trace, FINAL", f"SELECT {_TEXT_COLUMNS} FROM {{wide}} FINAL WHERE {_P} AND trace_id = {{trace_id:String}}"
    ),
    Question(
        "trace of 10,000",
        f"SELECT {_TEXT_COLUMNS} FROM {{wide}} WHERE {_P} AND trace_id = 'big' ORDER BY revision DESC LIMIT 1 BY id",
    ),
    Question(
        "one observation",
        f"SELECT {_TEXT_COLUMNS} FROM {{wide}} WHERE {_P} AND id = {{observation_id:String}} "
        "ORDER BY revision DESC LIMIT 1",
    ),
    Question(
        "one observation, FINAL",
        f"SELECT {_TEXT_COLUMNS} FROM {{wide}} FINAL WHERE {_P} AND id = {{observation_id:String}}",
    ),
    Question(
        "text of a page of 50",
        f"SELECT id, input, output, revision FROM {{wide}} WHERE {_P} AND "
        "(trace_id, id) IN {page_keys:Array(Tuple(String, String))} ORDER BY revision DESC LIMIT 1 BY id",
    ),
    Question("flush: totals of 1,000 known traces", _TOTALS),
    Question("flush: totals of 1,000 new traces", _TOTALS.replace("{trace_ids:", "{fresh_ids:")),
    Question(
        "rare word",
        f"SELECT trace_id, id FROM {{wide}} WHERE {_P} AND "
        f"(hasToken(input, '{RARE_WORD}') OR hasToken(output, '{RARE_WORD}')) LIMIT 50",
    ),
)

_DEDUPED_LIST = (
    f"SELECT {_LIST_COLUMNS} FROM traces_by_time WHERE {_P} {{where}} "
    "ORDER BY timestamp_us DESC, trace_id DESC, revision DESC LIMIT 1 BY timestamp_us, trace_id"
)


def _filtered(name: str, where: str) -> tuple[Question, Question, Question]:
    listed = f"SELECT {_LIST_COLUMNS} FROM traces_by_time FINAL WHERE {_P} AND {where}"
    # Any version that matches names its trace; FINAL then judges the newest version of those few.
    keys = (
        f"SELECT timestamp_us, trace_id FROM traces_by_time WHERE {_P} AND {where} ORDER BY timestamp_us DESC LIMIT 200"
    )
    newest = "ORDER BY timestamp_us DESC LIMIT 50"
    return (
        Question(f"list, {name}: FINAL", f"{listed} {newest}"),
        Question(f"list, {name}: FINAL, blocks of 1,024", f"{listed} {newest}", {"max_block_size": 1024}),
        Question(f"list, {name}: keys, then FINAL", f"{listed} AND (timestamp_us, trace_id) IN ({keys}) {newest}"),
    )


LISTS = (
    Question(
        "list 50, over-read 200 and fold",
        f"SELECT * FROM (SELECT {_LIST_COLUMNS}, revision FROM traces_by_time WHERE {_P} "
        "ORDER BY timestamp_us DESC LIMIT 200) "
        "ORDER BY timestamp_us DESC, trace_id DESC, revision DESC LIMIT 1 BY timestamp_us, trace_id LIMIT 50",
    ),
    Question(
        "list 50, FINAL, blocks of 1,024",
        f"SELECT {_LIST_COLUMNS} FROM traces_by_time FINAL WHERE {_P} ORDER BY timestamp_us DESC LIMIT 50",
        {"max_block_size": 1024},
    ),
    Question(
        "list 50, FINAL, newest day",
        f"SELECT {_LIST_COLUMNS} FROM traces_by_time FINAL WHERE {_P} "
        "AND timestamp_us >= now64(6) - INTERVAL 2 DAY ORDER BY timestamp_us DESC LIMIT 50",
    ),
    Question(
        "list 50, duplicates shown",
        f"SELECT {_LIST_COLUMNS} FROM traces_by_time WHERE {_P} ORDER BY timestamp_us DESC LIMIT 50",
    ),
    Question(
        "list 50, LIMIT 1 BY", f"SELECT * FROM ({_DEDUPED_LIST.replace('{where}', '')}) WHERE is_deleted = 0 LIMIT 50"
    ),
    Question(
        "list 50, FINAL",
        f"SELECT {_LIST_COLUMNS} FROM traces_by_time FINAL WHERE {_P} ORDER BY timestamp_us DESC LIMIT 50",
    ),
    Question(
        "list 50, GROUP BY observations",
        "SELECT trace_id, min(start_time_us) AS at, max(end_time_us), any(trace_name), any(user_id), "
        f"sum(total_cost), countIf(level = 'ERROR') FROM observations_by_time WHERE {_P} "
        "GROUP BY trace_id ORDER BY at DESC LIMIT 50",
    ),
    Question(
        "list page 1,000, FINAL",
        f"SELECT {_LIST_COLUMNS} FROM traces_by_time FINAL WHERE {_P} ORDER BY timestamp_us DESC LIMIT 50 OFFSET 49950",
    ),
    Question("count, uniqExact", f"SELECT uniqExact(trace_id) FROM traces_by_time WHERE {_P}"),
    Question("count, FINAL", f"SELECT count() FROM traces_by_time FINAL WHERE {_P}"),
    *_filtered("user", "user_id = 'user-77'"),
    *_filtered("tag", "has(tags, 'tag42')"),
    *_filtered("name, none", "name = 'nothing'"),
    *_filtered("metadata key, none", "metadata['region'] = 'mars'"),
    *_filtered("model, none", "has(models, 'none')"),
    *_filtered("min cost, none", "total_cost >= 100"),
)
_BY_MODEL = (
    "toStartOfDay(start_time_us) AS day, provided_model_name, count(), sum(total_cost), sum(usage_details['total'])"
)
_WITHOUT_MAPS = "toStartOfDay(start_time_us) AS day, provided_model_name, count(), sum(total_cost), sum(total_tokens)"
METRICS = (
    Question(
        "day x model, plain columns, FINAL",
        f"SELECT {_WITHOUT_MAPS} FROM observations_by_time FINAL WHERE {_P} GROUP BY 1, 2",
    ),
    Question(
        "day x model, rollup by hour",
        "SELECT toStartOfDay(hour) AS day, u.1 AS model, sum(u.2), sum(u.3), sum(u.4) "
        f"FROM usage_by_hour FINAL ARRAY JOIN by_model AS u WHERE {_P} GROUP BY 1, 2",
    ),
    Question(
        "rollup, recompute the newest hour",
        USAGE_OF_HOURS.format(since="now64(6) - INTERVAL 31 DAY + INTERVAL 719 HOUR"),
    ),
    Question("count, rollup by hour", f"SELECT sum(trace_count) FROM traces_by_hour FINAL WHERE {_P}"),
    Question(
        "day x model, duplicates counted", f"SELECT {_BY_MODEL} FROM observations_by_time WHERE {_P} GROUP BY 1, 2"
    ),
    Question("day x model, FINAL", f"SELECT {_BY_MODEL} FROM observations_by_time FINAL WHERE {_P} GROUP BY 1, 2"),
    Question(
        "day x model, LIMIT 1 BY",
        f"SELECT {_BY_MODEL} FROM (SELECT * FROM observations_by_time WHERE {_P} "
        "ORDER BY revision DESC LIMIT 1 BY start_time_us, trace_id, id) WHERE is_deleted = 0 GROUP BY 1, 2",
    ),
    Question(
        "observations 50 newest, FINAL, blocks of 1,024",
        "SELECT trace_id, id, name, start_time_us, total_cost FROM "
        f"observations_by_time FINAL WHERE {_P} "
        "ORDER BY toStartOfMinute(start_time_us) DESC, start_time_us DESC LIMIT 50",
        {"max_block_size": 1024},
    ),
)
FLUSH = (
    Question("flush: live rows of 1,000 known traces", merging.live_traces([]).sql),
    Question("flush: live rows of 1,000 new traces", merging.live_traces([]).sql.replace("{trace_ids:", "{fresh_ids:")),
    Question("flush: log rows of 1,000 known traces", merging.events_of(EntityKind.TRACE, [], []).sql),
)
BACKEND = (
    Question(
        "Backend 1: list",
        f"""
        SELECT t.id, t.timestamp, t.name, count() AS steps FROM traces t, observations o
        WHERE t.id = o.trace_id AND t.is_deleted = 0 AND t.project_id = {{project_id:String}} AND {_NO_TEXT_IO}
          AND o.name != 'handleChatRequest'
          AND t.id IN (SELECT trace_id FROM observations o WHERE {_NO_TEXT_IO})
        GROUP BY t.id, t.timestamp, t.name ORDER BY t.timestamp DESC LIMIT 13""",
        {"final": 1},
    ),
    Question(
        "Backend 5: detail, trace",
        "SELECT * FROM traces WHERE id = {trace_id:String} AND is_deleted = 0 LIMIT 1",
        {"final": 1},
    ),
    Question(
        "Backend 5: detail, observations",
        f"SELECT * FROM observations o WHERE o.trace_id = {{trace_id:String}} AND {_NO_TEXT_IO} LIMIT 1000",
        {"final": 1},
    ),
    Question(
        "Backend 7: poll",
        f"""
        SELECT t.id, t.project_id, t.metadata FROM traces t
        WHERE t.is_deleted = 0 AND NOT mapContains(t.metadata, 'feature_id')
          AND t.timestamp < now() - INTERVAL 60 SECOND
          AND EXISTS (SELECT 1 FROM observations o WHERE o.trace_id = t.id AND {_NO_TEXT_IO}
                      AND o.provided_model_name IS NOT NULL AND o.name != 'handleChatRequest')
        ORDER BY t.timestamp DESC LIMIT 3""",
        {"final": 1},
    ),
)
