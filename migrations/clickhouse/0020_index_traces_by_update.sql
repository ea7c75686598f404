-- Looking for traces that settled passes over those that have not changed for days.
ALTER TABLE {database}.traces {on_cluster} ADD INDEX IF NOT EXISTS idx_updated_at updated_at TYPE minmax GRANULARITY 1
