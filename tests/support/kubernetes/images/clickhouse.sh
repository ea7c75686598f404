#!/bin/sh
# The engine behind HTTP on port 8123, with the user of CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.
set -eu
exec /opt/python/bin/python -m support.clickhouse_http --host 0.0.0.0 --port 8123 --path /var/lib/clickhouse \
    --user "${CLICKHOUSE_USER:-default}" --password "${CLICKHOUSE_PASSWORD:-}"
