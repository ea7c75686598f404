SELECT * FROM nowhere_at_all;
