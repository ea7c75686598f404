"""As whom the logins of a store are changed: as adminRef says, or as the administrator of the bundled Redis. Pure."""

from elasticdash.operator.api.types import SecretKeyRef
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import bundled, connections, secrets
from elasticdash.operator.plan.observed import Observed


def url(observed: Observed, store: Store) -> str | None:
    """The URL with the administrator's login; None when `missing` says why there is none."""
    ref = _ref(observed, store)
    if ref is not None:
        return connections.value_of(observed, ref)
    if not _is_own(observed, store):
        return None
    password = connections.value_of(observed, secrets.source_of(observed, secrets.PASSWORDS[store]))
    return bundled.redis_admin_url(observed.instance, password) if password else None


def missing(observed: Observed, store: Store) -> str:
    """What lacks before the store's logins can be changed; empty when nothing does."""
    ref = _ref(observed, store)
    if ref is not None:
        return "" if connections.value_of(observed, ref) else f"Secret {ref.name} has no key {ref.key}"
    return "" if _is_own(observed, store) else f"spec.stores.{store.value}.adminRef is not set"


def _ref(observed: Observed, store: Store) -> SecretKeyRef | None:
    stores = observed.instance.spec.stores
    return {
        Store.POSTGRES: stores.postgres.admin_ref,
        Store.CLICKHOUSE: stores.clickhouse.admin_ref,
        Store.REDIS: stores.redis.admin_ref,
    }.get(store)


def _is_own(observed: Observed, store: Store) -> bool:
    """Only the bundled Redis has an administrator whom no process logs in as and whom a login can change."""
    return store is Store.REDIS and connections.of_store(observed, store).is_bundled
