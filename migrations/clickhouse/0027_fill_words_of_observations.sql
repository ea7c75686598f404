-- Parts stored before there was an index; until they have theirs, searches read their texts instead.
ALTER TABLE {database}.observations {on_cluster}
    MATERIALIZE INDEX IF EXISTS idx_input_words, MATERIALIZE INDEX IF EXISTS idx_output_words
