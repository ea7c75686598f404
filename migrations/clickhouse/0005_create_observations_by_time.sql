-- Narrow companion of observations in time order: lists, filters and metrics read it and never touch text.
-- A row is a hint: when an observation's start moved, its old row stays here as deleted (revision, is_deleted).
CREATE TABLE IF NOT EXISTS {database}.observations_by_time {on_cluster}
(
    project_id String,
    start_time_us DateTime64(6),
    trace_id String,
    id String,
    type LowCardinality(String),
    name String,
    environment LowCardinality(String),
    level LowCardinality(String),
    parent_observation_id Nullable(String),
    is_app_root Bool,
    end_time_us Nullable(DateTime64(6)),
    completion_start_time_us Nullable(DateTime64(6)),
    version Nullable(String),
    release Nullable(String),
    provided_model_name LowCardinality(Nullable(String)),
    internal_model_id LowCardinality(Nullable(String)),
    prompt_name LowCardinality(Nullable(String)),
    prompt_version Nullable(UInt16),
    trace_name LowCardinality(Nullable(String)),
    user_id Nullable(String),
    session_id Nullable(String),
    tags Array(String),
    usage_details Map(LowCardinality(String), UInt64),
    cost_details Map(LowCardinality(String), Decimal64(12)),
    total_cost Nullable(Decimal64(12)),
    tool_call_names Array(String),
    is_deleted UInt8,
    revision UInt64,
    INDEX idx_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_id id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {engine:ReplacingMergeTree}(revision, is_deleted)
PARTITION BY toYYYYMM(start_time_us)
ORDER BY (project_id, toStartOfMinute(start_time_us), xxHash32(trace_id), trace_id, id)
