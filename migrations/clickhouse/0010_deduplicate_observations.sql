-- An insert that is tried again under its token is stored once; replicated tables do so by themselves.
ALTER TABLE {database}.observations {on_cluster} MODIFY SETTING non_replicated_deduplication_window = 1000
