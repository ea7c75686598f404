-- One row per trace. Identity (project, id) is the whole key: no field that can change moves a row.
-- Column names and types up to is_deleted are those of Langfuse v3: the ElasticDash Backend reads and updates them.
CREATE TABLE IF NOT EXISTS {database}.traces {on_cluster}
(
    id String,
    timestamp DateTime64(3),
    name String,
    user_id Nullable(String),
    metadata Map(LowCardinality(String), String),
    release Nullable(String),
    version Nullable(String),
    project_id String,
    environment LowCardinality(String) DEFAULT 'default',
    public Bool,
    bookmarked Bool,
    tags Array(String),
    input Nullable(String),
    output Nullable(String),
    session_id Nullable(String),
    created_at DateTime64(3) DEFAULT now64(3),
    updated_at DateTime64(3) DEFAULT now64(3),
    event_ts DateTime64(3),
    is_deleted UInt8,
    timestamp_us DateTime64(6),
    revision UInt64,
    INDEX idx_id id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_session_id session_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX idx_user_id user_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = {engine:ReplacingMergeTree}(revision, is_deleted)
PARTITION BY toYYYYMM(timestamp)
ORDER BY (project_id, id)
SETTINGS index_granularity = 512, index_granularity_bytes = 524288,
    enable_block_number_column = 1, enable_block_offset_column = 1
