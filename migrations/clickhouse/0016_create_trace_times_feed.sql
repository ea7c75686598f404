-- Inside the engine, so that no trace is stored without its time.
CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.trace_times_feed {on_cluster}
TO {database}.trace_times AS
SELECT project_id, id AS trace_id, timestamp_us
FROM {database}.traces
