#!/bin/sh
# Makes the cluster and the database of POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB at the first start, then serves.
set -eu
[ "${1:-postgres}" = postgres ] || exec "$@"
[ $# = 0 ] || shift
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}"
    passwords=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" > "$passwords"
    # shellcheck disable=SC2086 the variable holds several words
    initdb --pgdata "$PGDATA" --username "$user" --pwfile "$passwords" --auth-host scram-sha-256 --auth-local trust \
        ${POSTGRES_INITDB_ARGS:-}
    rm "$passwords"
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    if [ "$database" != postgres ]; then
        printf 'CREATE DATABASE "%s";\n' "$database" | postgres --single -D "$PGDATA" postgres > /dev/null
    fi
fi
exec postgres -D "$PGDATA" --listen_addresses='*' --unix_socket_directories=/tmp "$@"
