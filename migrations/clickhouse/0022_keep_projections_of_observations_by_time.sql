-- Merges and deletes change a part's rows and make its projections anew with them.
ALTER TABLE {database}.observations_by_time {on_cluster}
MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild'
