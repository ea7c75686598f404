-- Traces stored before there was a feed; again is no harm.
INSERT INTO {database}.trace_times SELECT project_id, id, timestamp_us FROM {database}.traces
