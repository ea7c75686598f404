-- A search for words passes over granules that don't hold them. The expressions are those that searches use.
ALTER TABLE {database}.observations {on_cluster}
    ADD INDEX IF NOT EXISTS idx_input_words lower(ifNull(input, '')) TYPE tokenbf_v1(16384, 2, 0) GRANULARITY 4,
    ADD INDEX IF NOT EXISTS idx_output_words lower(ifNull(output, '')) TYPE tokenbf_v1(16384, 2, 0) GRANULARITY 4
