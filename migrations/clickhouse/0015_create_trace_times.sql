-- Every time a trace was ever listed at. Time is in the key, so merges never drop one as they drop replaced rows of
-- `traces`: whoever lists a trace at a new time finds all others here, and takes them away.
CREATE TABLE IF NOT EXISTS {database}.trace_times {on_cluster}
(
    project_id String,
    trace_id String,
    timestamp_us DateTime64(6)
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(timestamp_us)
ORDER BY (project_id, trace_id, timestamp_us)
SETTINGS index_granularity = 1024
