CREATE TABLE IF NOT EXISTS added_by_a_test (id String) ENGINE = MergeTree ORDER BY id;
