"""The real ClickHouse engine (chDB) behind ClickHouse's HTTP interface, as a process of its own.

`python -m support.clickhouse_http --port 8123 --path folder --password secret` serves what our production client and
the ElasticDash Backend's use. A folder survives SIGKILL. See README.md for what is not emulated.
"""
