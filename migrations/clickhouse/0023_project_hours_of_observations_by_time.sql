-- Inside each part, so that it appears and disappears with the rows it speaks of.
ALTER TABLE {database}.observations_by_time {on_cluster} ADD PROJECTION IF NOT EXISTS rows_of_hours
(
    SELECT project_id, intDiv(toUnixTimestamp64Second(start_time_us), 3600), count(), sum(row_hash)
    GROUP BY project_id, intDiv(toUnixTimestamp64Second(start_time_us), 3600)
)
