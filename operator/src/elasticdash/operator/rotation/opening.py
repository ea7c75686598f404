"""Opens what a rotation talks to: the stores as their administrator, and the instance's own web."""

from elasticdash.operator.cluster.instance_api import InstanceApi
from elasticdash.operator.naming import names
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import environment
from elasticdash.operator.plan.observed import Observed
from elasticdash.operator.rotation import administrators, credentials
from elasticdash.operator.rotation.clickhouse import ClickHouseLogins
from elasticdash.operator.rotation.postgres import PostgresLogins
from elasticdash.operator.rotation.redis import RedisLogins
from elasticdash.operator.rotation.stores import StoreLogins, StoreRejectedError
from elasticdash.operator.rotation.subjects import OpenApi, admin_key


def logins(observed: Observed, store: Store) -> StoreLogins:
    """The logins of a store as its administrator reaches it. StoreRejectedError without one."""
    admin_url = administrators.url(observed, store)
    if not admin_url:
        raise StoreRejectedError(administrators.missing(observed, store))
    match store:
        case Store.POSTGRES:
            return PostgresLogins(admin_url, _postgres_url(observed))
        case Store.CLICKHOUSE:
            cluster = credentials.settings_of(observed, store).get("CLICKHOUSE_CLUSTER_NAME")
            return ClickHouseLogins(admin_url, cluster)
        case Store.REDIS:
            return RedisLogins(admin_url)
        case Store.OBJECT_STORE:
            raise StoreRejectedError("Keys of an object store are rotated where they are made")


def api_at(service_url: str) -> OpenApi:
    """Opens instances' web; `service_url` has places for {service}, {namespace} and {port}."""

    def opened(observed: Observed) -> InstanceApi:
        service, namespace = names.web(observed.instance.name), observed.instance.namespace
        url = service_url.format(service=service, namespace=namespace, port=environment.WEB_PORT)
        return InstanceApi(url, admin_key(observed))

    return opened


def _postgres_url(observed: Observed) -> str:
    settings = credentials.settings_of(observed, Store.POSTGRES)
    given = settings.get("DIRECT_URL") or settings.get("DATABASE_URL")
    return given or f"postgresql://{settings.get('DATABASE_HOST', '')}/{settings.get('DATABASE_NAME', '')}"
