-- One row per try to announce a trace as settled, never changed: the last try at the highest revision says what is left.
CREATE TABLE IF NOT EXISTS {database}.settled_traces {on_cluster}
(
    project_id String,
    trace_id String,
    revision UInt64,
    attempt UInt8,
    is_done Bool,
    tried_at DateTime64(3),
    due_at DateTime64(3)
)
ENGINE = {engine:ReplacingMergeTree}(tried_at)
ORDER BY (project_id, trace_id, revision, attempt)
TTL toDateTime(tried_at) + INTERVAL 7 DAY
