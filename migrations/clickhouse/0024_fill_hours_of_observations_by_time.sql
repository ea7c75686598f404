-- Parts stored before there was a projection; until they have theirs, their rows are read instead.
ALTER TABLE {database}.observations_by_time {on_cluster} MATERIALIZE PROJECTION IF EXISTS rows_of_hours
