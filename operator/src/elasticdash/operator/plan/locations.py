"""Which databases an instance's data is in, said without credentials."""

from urllib.parse import parse_qs, urlsplit

from elasticdash.operator.naming import addresses
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections
from elasticdash.operator.plan.observed import Observed

_POSTGRES_PORT = 5432


def postgres(observed: Observed) -> str:
    """`host:port/database` and the schema, if one is named; empty when nothing says it."""
    values = _values(observed, Store.POSTGRES)
    url = values.get("DATABASE_URL")
    if url:
        hosts, path = addresses.in_url(url), urlsplit(url).path.strip("/")
        query = urlsplit(url).query
    else:
        hosts = addresses.in_list(values.get("DATABASE_HOST", ""), _POSTGRES_PORT)
        path, query = values.get("DATABASE_NAME", ""), values.get("DATABASE_ARGS", "")
    schema = parse_qs(query).get("schema", [""])[0]
    place = ",".join(f"{address.host}:{address.port}" for address in hosts)
    return f"{place}/{path}{'?schema=' + schema if schema else ''}" if place else ""


def clickhouse(observed: Observed) -> str:
    """`host:port/database` and the cluster, if there is one; empty when nothing says it."""
    values = _values(observed, Store.CLICKHOUSE)
    url = values.get("CLICKHOUSE_URL", "")
    place = ",".join(f"{address.host}:{address.port}" for address in addresses.in_url(url))
    database = urlsplit(url).path.strip("/") or values.get("CLICKHOUSE_DB") or "default"
    is_cluster = values.get("CLICKHOUSE_CLUSTER_ENABLED", "").lower() == "true"
    cluster = f"@{values.get('CLICKHOUSE_CLUSTER_NAME') or 'default'}" if is_cluster else ""
    return f"{place}/{database}{cluster}" if place else ""


def _values(observed: Observed, store: Store) -> dict[str, str]:
    settings = connections.of_store(observed, store).settings
    return {name: connections.value_of(observed, source) or "" for name, source in settings.items()}
