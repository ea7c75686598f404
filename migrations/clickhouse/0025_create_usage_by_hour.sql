-- Sums over one hour's live observations, whole in one row. It is true of exactly the rows whose count and hash it names
-- (of observations_by_time) and the deleted traces whose hash it names; readers compare before they trust.
CREATE TABLE IF NOT EXISTS {database}.usage_by_hour {on_cluster}
(
    project_id String,
    hour Int64,
    row_count UInt64,
    rows_hash UInt64,
    hidden_hash UInt64,
    usage Array(Tuple(
        environment String,
        type String,
        level String,
        provided_model_name Nullable(String),
        observation_count Int64,
        total_cost Decimal(38, 12),
        input_cost Decimal(38, 12),
        output_cost Decimal(38, 12),
        input_tokens Int64,
        output_tokens Int64,
        total_tokens Int64)),
    made_at DateTime64(3)
)
ENGINE = {engine:ReplacingMergeTree}(made_at)
ORDER BY (project_id, hour)
SETTINGS index_granularity = 512
