"""SQL that makes the bench's rows inside the engine: the same number gives the same row everywhere."""

# ruff: noqa: S608 these statements are made of constants; values travel as parameters

from bench.layout.corpus import RARE_WORD

DAYS = 30
OBSERVATIONS_PER_TRACE = 10
RARE_EVERY = 50_021
_STEPS = "['agent','plan','embed','retrieve','rerank','search','query','summarize','answer','guard']"
_MODELS = "['gpt-4o','gpt-4o-mini','claude-3-5-sonnet-20241022','gemini-2.5-pro']"
PROJECT_OF_TRACE = "if(xxHash32(t, 1) % 10 < 6, 'p0', concat('p', toString(xxHash32(t, 1) % 10 - 5)))"
# Parts of a row, over what the statement below draws.
_METADATA = """map(
    'attributes', concat('{"gen_ai.system":"openai","gen_ai.request.model":"', model,
        '","server.address":"api.example.com","thread.id":"', toString(h % 97), '"}'),
    'resourceAttributes', '{"service.name":"shop","telemetry.sdk.language":"python"}',
    'scope', '{"name":"langfuse-sdk","version":"5.0.0"}',
    'region', ['eu', 'us', 'ap'][1 + t % 3]
)"""
_INPUT = """concat('{"messages":[{"role":"user","content":"',
    substring(corpus, 1 + xxHash64(number, 3) % room, 900 + h % 200), rare, '"}]}')"""
_OUTPUT = """concat('{"role":"assistant","content":"',
    substring(corpus, 1 + xxHash64(number, 4) % room, 900 + h % 200), '"}')"""
TRACE_ID = "lower(hex(MD5(toString(t))))"


def observations(first: int, end: int, total: int, base_us: int, revision: int = 1) -> str:
    """SELECT of the observations numbered [first, end) of `total`, spread over DAYS days after `base_us`."""
    step_us = DAYS * 86_400_000_000 * OBSERVATIONS_PER_TRACE // total
    return f"""
    WITH
        (SELECT text FROM corpus) AS corpus,
        length(corpus) - 2000 AS room,
        intDiv(number, {OBSERVATIONS_PER_TRACE}) AS t,
        number % {OBSERVATIONS_PER_TRACE} AS s,
        xxHash64(number, 2) AS h,
        fromUnixTimestamp64Micro(toInt64({base_us} + t * {step_us} + s * 1500000 + h % 1000000), 'UTC') AS at,
        s IN (1, 7, 8) AS is_generation,
        {_MODELS}[1 + h % 4] AS model,
        toUInt64(200 + h % 1800) AS tokens_in,
        toUInt64(50 + h % 500) AS tokens_out,
        toDecimal64(tokens_in * 0.0000025, 12) AS cost_in,
        toDecimal64(tokens_out * 0.00001, 12) AS cost_out,
        if(number % {RARE_EVERY} = 7, ' {RARE_WORD} ', '') AS rare
    SELECT
        substring(lower(hex(MD5(concat('o', toString(number))))), 1, 16) AS id,
        {TRACE_ID} AS trace_id,
        {PROJECT_OF_TRACE} AS project_id,
        'production' AS environment,
        multiIf(is_generation, 'GENERATION', s = 0, 'AGENT', s IN (3, 5), 'TOOL', 'SPAN') AS type,
        if(s = 0, NULL, substring(lower(hex(MD5(concat('o', toString(number - s))))), 1, 16)) AS parent_observation_id,
        at AS start_time,
        at + toIntervalMillisecond(200 + h % 4000) AS end_time,
        {_STEPS}[s + 1] AS name,
        {_METADATA} AS metadata,
        multiIf(h % 100 = 0, 'ERROR', h % 100 = 1, 'WARNING', 'DEFAULT') AS level,
        {_INPUT} AS input,
        {_OUTPUT} AS output,
        if(is_generation, model, NULL) AS provided_model_name,
        if(is_generation, map('input', tokens_in, 'output', tokens_out, 'total', tokens_in + tokens_out),
            map()) AS usage_details,
        if(is_generation, map('input', cost_in, 'output', cost_out, 'total', cost_in + cost_out),
            map()) AS cost_details,
        if(is_generation, cost_in + cost_out, NULL) AS total_cost,
        at AS event_ts,
        at AS start_time_us,
        end_time AS end_time_us,
        'checkout' AS trace_name,
        concat('user-', toString(xxHash32(t, 5) % 5000)) AS user_id,
        concat('session-', toString(intDiv(t, 4))) AS session_id,
        [['a', 'beta', 'paid'][1 + t % 3], concat('tag', toString(t % 200))] AS tags,
        s = 0 AS is_app_root,
        'otel' AS source,
        {revision} AS revision
    FROM numbers({first}, {end - first})
    """


def traces() -> str:
    """SELECT of the rows of `traces`, from what the observations say."""
    return """
    SELECT
        trace_id AS id, start_time_us AS timestamp, trace_name AS name, user_id, map('region', 'eu') AS metadata,
        project_id, environment, tags, session_id, start_time_us AS event_ts, start_time_us AS timestamp_us, revision
    FROM observations_by_time
    WHERE is_app_root AND revision = 1
    """


def trace_events() -> str:
    """SELECT of the rows of `event_log`: one statement per trace."""
    return """
    SELECT
        project_id, 'trace' AS entity_kind, trace_id AS entity_id,
        concat('raw/', project_id, formatDateTime(start_time_us, '/%Y/%m/%d/%H/'), id) AS batch_key,
        1 AS position,
        concat('{"kind":"trace","entity_id":"', trace_id, '","explicit":{"user_id":"', ifNull(user_id, ''),
            '","session_id":"', ifNull(session_id, ''), '","name":"checkout","metadata":{"region":"eu"}}}') AS payload,
        now64(3) AS received_at
    FROM observations_by_time
    WHERE is_app_root AND revision = 1
    """


def trace_list_rows(source: str) -> str:
    """SELECT of the rows of `traces_by_time` from a FROM clause over observations, each counted once."""
    return f"""
    SELECT
        project_id, min(start_time_us) AS timestamp_us, trace_id, any(trace_name) AS name, any(user_id) AS user_id,
        any(session_id) AS session_id, any(environment) AS environment, any(tags) AS tags,
        map('region', ['eu', 'us', 'ap'][1 + xxHash32(trace_id) % 3]) AS metadata, count() AS observation_count,
        min(start_time_us) AS start_time_us, max(end_time_us) AS end_time_us,
        sum(cost_details['input']) AS input_cost, sum(cost_details['output']) AS output_cost,
        sum(total_cost) AS total_cost, sum(usage_details['input']) AS input_tokens,
        sum(usage_details['output']) AS output_tokens, sum(usage_details['total']) AS total_tokens,
        countIf(level = 'ERROR') AS error_count, countIf(level = 'WARNING') AS warning_count,
        countIf(level = 'DEFAULT') AS default_count, countIf(level = 'DEBUG') AS debug_count,
        groupUniqArrayIf(assumeNotNull(provided_model_name), provided_model_name IS NOT NULL) AS models,
        max(revision) AS revision
    FROM {source}
    GROUP BY project_id, trace_id
    SETTINGS prefer_column_name_to_alias = 1
    """
