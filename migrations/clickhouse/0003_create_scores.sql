-- One row per score. Column names and types up to is_deleted are those of Langfuse v3.
CREATE TABLE IF NOT EXISTS {database}.scores {on_cluster}
(
    id String,
    timestamp DateTime64(3),
    project_id String,
    environment LowCardinality(String) DEFAULT 'default',
    trace_id Nullable(String),
    session_id Nullable(String),
    dataset_run_id Nullable(String),
    observation_id Nullable(String),
    name String,
    value Float64,
    source String,
    comment Nullable(String),
    metadata Map(LowCardinality(String), String),
    author_user_id Nullable(String),
    config_id Nullable(String),
    data_type String,
    string_value Nullable(String),
    long_string_value String,
    queue_id Nullable(String),
    execution_trace_id Nullable(String),
    created_at DateTime64(3) DEFAULT now64(3),
    updated_at DateTime64(3) DEFAULT now64(3),
    event_ts DateTime64(3),
    is_deleted UInt8,
    timestamp_us DateTime64(6),
    ingestion_api_key LowCardinality(String),
    ingestion_sdk_name LowCardinality(String),
    ingestion_sdk_version LowCardinality(String),
    revision UInt64,
    INDEX idx_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_session session_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {engine:ReplacingMergeTree}(revision, is_deleted)
ORDER BY (project_id, id)
SETTINGS index_granularity = 1024
