-- Raw batches whose rows are all stored; the sweeper re-enqueues the raw objects that are not listed here.
CREATE TABLE IF NOT EXISTS {database}.processed_batches {on_cluster}
(
    batch_key String,
    processed_at DateTime64(3)
)
ENGINE = {engine:ReplacingMergeTree}(processed_at)
ORDER BY batch_key
TTL toDateTime(processed_at) + INTERVAL 60 DAY
