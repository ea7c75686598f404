-- What sums per hour depend on, as one number per row: whoever knows the numbers of an hour knows whether its sums are
-- still true, without reading its rows again.
ALTER TABLE {database}.observations_by_time {on_cluster} ADD COLUMN IF NOT EXISTS row_hash UInt64 DEFAULT cityHash64(
    start_time_us, trace_id, id, revision, is_deleted, environment, type, level,
    isNull(provided_model_name), ifNull(provided_model_name, ''), isNull(total_cost), ifNull(total_cost, 0),
    mapKeys(usage_details), mapValues(usage_details), mapKeys(cost_details), mapValues(cost_details))
