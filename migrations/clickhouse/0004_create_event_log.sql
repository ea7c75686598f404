-- Every statement made about an entity that is merged from events; a fold over an entity's rows gives its row.
-- (batch_key, position) is where the statement came from: replaying a raw batch writes the same rows again.
CREATE TABLE IF NOT EXISTS {database}.event_log {on_cluster}
(
    project_id String,
    entity_kind LowCardinality(String),
    entity_id String,
    batch_key String,
    position UInt32,
    payload String,
    received_at DateTime64(3)
)
ENGINE = {engine:ReplacingMergeTree}(received_at)
ORDER BY (project_id, entity_kind, entity_id, batch_key, position)
TTL toDateTime(received_at) + INTERVAL 60 DAY
SETTINGS index_granularity = 256, index_granularity_bytes = 262144
