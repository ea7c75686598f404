"""The single-node stores that profile dev brings along: their logins, and the settings that reach them."""

from collections.abc import Mapping
from typing import Final

from elasticdash.operator.naming import names
from elasticdash.operator.naming.stores import S3_PREFIX, Store
from elasticdash.operator.plan.observed import Instance

USER: Final = "elasticdash"
POSTGRES_DATABASE: Final = "elasticdash"
BUCKET: Final = "elasticdash"
PORTS: Final[Mapping[Store, int]] = {
    Store.POSTGRES: 5432,
    Store.CLICKHOUSE: 8123,
    Store.REDIS: 6379,
    Store.OBJECT_STORE: 9000,
}


def clickhouse_user(instance: Instance) -> str:
    """The login of the bundled ClickHouse."""
    return instance.spec.stores.clickhouse.user or USER


def clickhouse_database(instance: Instance) -> str:
    """The database of the bundled ClickHouse."""
    return instance.spec.stores.clickhouse.database or "default"


def redis_admin_url(instance: Instance, password: str) -> str:
    """Where the bundled Redis lets its administrator in, who is none of the product's processes."""
    return f"redis://default:{password}@{_place(instance, Store.REDIS)}/0"


def settings(instance: Instance, store: Store, password: str) -> Mapping[str, str]:
    """What reaches a bundled store, by variable name. The password needs no quoting in a URL."""
    host = _place(instance, store)
    match store:
        case Store.POSTGRES:
            return {"DATABASE_URL": f"postgresql://{USER}:{password}@{host}/{POSTGRES_DATABASE}"}
        case Store.CLICKHOUSE:
            return {
                "CLICKHOUSE_URL": f"http://{host}",
                "CLICKHOUSE_USER": clickhouse_user(instance),
                "CLICKHOUSE_PASSWORD": password,
                "CLICKHOUSE_DB": clickhouse_database(instance),
            }
        case Store.REDIS:
            return {"REDIS_CONNECTION_STRING": f"redis://{USER}:{password}@{host}/0"}
        case Store.OBJECT_STORE:
            values = {
                "BUCKET": BUCKET,
                "PREFIX": "events/",
                "REGION": "auto",
                "ENDPOINT": f"http://{host}",
                "ACCESS_KEY_ID": USER,
                "SECRET_ACCESS_KEY": password,
                "FORCE_PATH_STYLE": "true",
            }
            return {S3_PREFIX + name: value for name, value in values.items()}


def _place(instance: Instance, store: Store) -> str:
    return f"{names.store(instance.name, store)}.{instance.namespace}.svc:{PORTS[store]}"
