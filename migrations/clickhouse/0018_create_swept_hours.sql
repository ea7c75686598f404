-- Hours before which every raw object is processed. Kept with the rows it vouches for: a restored backup takes it back
-- too, and the sweeper looks again at what the backup lacks.
CREATE TABLE IF NOT EXISTS {database}.swept_hours {on_cluster}
(
    settled_before DateTime,
    written_at DateTime64(3) DEFAULT now64(3)
)
ENGINE = {engine:ReplacingMergeTree}(written_at)
ORDER BY settled_before
TTL toDateTime(written_at) + INTERVAL 60 DAY
