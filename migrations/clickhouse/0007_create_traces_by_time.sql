-- One narrow row per trace, newest first, with the totals of its observations: the trace list reads it in order.
CREATE TABLE IF NOT EXISTS {database}.traces_by_time {on_cluster}
(
    project_id String,
    timestamp_us DateTime64(6),
    trace_id String,
    name Nullable(String),
    user_id Nullable(String),
    session_id Nullable(String),
    release Nullable(String),
    version Nullable(String),
    environment LowCardinality(String),
    public Bool,
    bookmarked Bool,
    tags Array(String),
    metadata Map(LowCardinality(String), String),
    observation_count UInt32,
    start_time_us Nullable(DateTime64(6)),
    end_time_us Nullable(DateTime64(6)),
    input_cost Nullable(Decimal64(12)),
    output_cost Nullable(Decimal64(12)),
    total_cost Nullable(Decimal64(12)),
    input_tokens UInt64,
    output_tokens UInt64,
    total_tokens UInt64,
    error_count UInt32,
    warning_count UInt32,
    default_count UInt32,
    debug_count UInt32,
    models Array(LowCardinality(String)),
    is_deleted UInt8,
    revision UInt64,
    INDEX idx_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_user user_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_session session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {engine:ReplacingMergeTree}(revision, is_deleted)
PARTITION BY toYYYYMM(timestamp_us)
ORDER BY (project_id, timestamp_us, trace_id)
SETTINGS index_granularity = 1024
