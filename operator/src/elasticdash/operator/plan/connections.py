"""Where an instance's stores are: the settings its processes get, and the endpoints they talk to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from elasticdash.operator.api.enums import Profile
from elasticdash.operator.api.stores import Stores
from elasticdash.operator.api.types import SecretKeyRef
from elasticdash.operator.naming import addresses, labels, names
from elasticdash.operator.naming.addresses import Address
from elasticdash.operator.naming.stores import MEDIA_EXTERNAL_ENDPOINT, MEDIA_PREFIX, S3_PREFIX, Store
from elasticdash.operator.plan import typed_connections
from elasticdash.operator.plan.observed import Observed
from elasticdash.operator.plan.typed_connections import Source

_HTTPS_PORT = 443
_REDIS_PORT = 6379
_SENTINEL_PORT = 26379
_POSTGRES_PORT = 5432


@dataclass(frozen=True, slots=True)
class Connection:
    """How processes reach one store: their settings by variable name, and the endpoints these name.

    Without settings nothing says where the store is.
    """

    store: Store
    is_bundled: bool
    settings: Mapping[str, Source]
    endpoints: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class _Settings:
    # One of these says where the store is; one from a higher place replaces all `replaced` of a lower place.
    locating: tuple[str, ...]
    replaced: tuple[str, ...]
    others: tuple[str, ...]
    # Those the Secret of bundled stores holds, and those that may be set for a bundled one too.
    bundled: tuple[str, ...]
    for_bundled: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.locating, *self.replaced, *self.others)))


def _prefixed(prefix: str, *endings: str) -> tuple[str, ...]:
    return tuple(prefix + ending for ending in endings)


_S3 = _prefixed(
    S3_PREFIX, *("BUCKET", "PREFIX", "REGION", "ENDPOINT"), *("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "FORCE_PATH_STYLE")
)
# A bucket of their own for the files of traces, and what of the one for batches is otherwise there.
_MEDIA = tuple(setting.replace(S3_PREFIX, MEDIA_PREFIX) for setting in _S3)
SETTINGS: Final[Mapping[Store, _Settings]] = {
    Store.POSTGRES: _Settings(
        locating=("DATABASE_URL", "DATABASE_HOST"),
        replaced=(
            "DATABASE_URL",
            "DIRECT_URL",
            *_prefixed("DATABASE_", "HOST", "USERNAME", "PASSWORD", "NAME", "ARGS"),
        ),
        others=(),
        bundled=("DATABASE_URL",),
    ),
    Store.CLICKHOUSE: _Settings(
        locating=("CLICKHOUSE_URL",),
        replaced=("CLICKHOUSE_URL", "CLICKHOUSE_MIGRATION_URL"),
        others=_prefixed("CLICKHOUSE_", "USER", "PASSWORD", "DB", "CLUSTER_ENABLED", "CLUSTER_NAME"),
        bundled=_prefixed("CLICKHOUSE_", "URL", "USER", "PASSWORD", "DB"),
        for_bundled=_prefixed("CLICKHOUSE_", "USER", "DB"),
    ),
    Store.REDIS: _Settings(
        locating=("REDIS_CONNECTION_STRING", *_prefixed("REDIS_", "HOST", "CLUSTER_NODES", "SENTINEL_NODES")),
        replaced=(
            *_prefixed("REDIS_", "CONNECTION_STRING", "HOST", "PORT", "CLUSTER_ENABLED", "CLUSTER_NODES"),
            *_prefixed("REDIS_SENTINEL_", "ENABLED", "NODES", "MASTER_NAME", "USERNAME", "PASSWORD"),
        ),
        others=_prefixed("REDIS_", "USERNAME", "AUTH", "DB", "KEY_PREFIX", "TLS_ENABLED", "TLS_REJECT_UNAUTHORIZED"),
        bundled=("REDIS_CONNECTION_STRING",),
        for_bundled=("REDIS_KEY_PREFIX",),
    ),
    Store.OBJECT_STORE: _Settings(
        locating=(S3_PREFIX + "BUCKET",),
        replaced=(),
        others=(*_S3, *_MEDIA, MEDIA_EXTERNAL_ENDPOINT),
        bundled=_S3,
        for_bundled=(MEDIA_EXTERNAL_ENDPOINT,),
    ),
}
# Other names that the same settings go by in Secrets people have.
_ALIASES: Final = {
    "REDIS_URL": "REDIS_CONNECTION_STRING",
    **{f"S3_{name.removeprefix(S3_PREFIX)}": name for name in _S3},
    **{name.replace("ELASTICDASH_", "LANGFUSE_"): name for name in (*_S3, *_MEDIA, MEDIA_EXTERNAL_ENDPOINT)},
}
_TYPED: Final[Mapping[Store, Callable[[Stores], Mapping[str, Source]]]] = {
    Store.POSTGRES: lambda stores: typed_connections.of_postgres(stores.postgres),
    Store.CLICKHOUSE: lambda stores: typed_connections.of_clickhouse(stores.clickhouse),
    Store.REDIS: lambda stores: typed_connections.of_redis(stores.redis),
    Store.OBJECT_STORE: lambda stores: typed_connections.of_object_storage(stores.object_storage),
}


def of_stores(observed: Observed) -> Mapping[Store, Connection]:
    """Every store of an instance."""
    return {store: of_store(observed, store) for store in Store}


def of_store(observed: Observed, store: Store) -> Connection:
    """One store: typed fields go before `storesFrom`; in profile dev what neither names is brought along."""
    rules = SETTINGS[store]
    typed = _TYPED[store](observed.instance.spec.stores)
    settings = _over(rules, _from_secret(observed, rules), typed)
    is_located = any(name in settings for name in rules.locating)
    is_bundled = not is_located and _brings_along(observed)
    secret = names.stores_secret(observed.instance.name)
    if is_bundled:
        kept = {name: source for name, source in settings.items() if name in rules.for_bundled}
        settings = {**kept, **{name: SecretKeyRef(name=secret, key=name) for name in rules.bundled}}
    elif is_located:
        settings = _over(rules, settings, _rotated(observed, store, settings))
    else:
        settings = {}
    return Connection(store, is_bundled, settings, _endpoints(observed, store, settings))


def missing(observed: Observed) -> Sequence[str]:
    """What the settings of stores lack, in words for the one who wrote the spec; empty when all is there."""
    problems: list[str] = []
    source = observed.instance.spec.stores_from
    if source and source.secret_ref.name not in observed.secrets:
        problems.append(f"Secret {source.secret_ref.name} (spec.storesFrom) does not exist")
    for connection in of_stores(observed).values():
        if not connection.settings:
            wanted = " or ".join(SETTINGS[connection.store].locating)
            problems.append(
                f"nothing says where {connection.store} is: set it in spec.stores, or {wanted} in storesFrom"
            )
        problems += _absent_keys(observed, connection)
        if connection.is_bundled:
            problems += _set_in_vain(observed, connection.store)
    return problems


def value_of(observed: Observed, source: Source) -> str | None:
    """A setting's value; None where its Secret or key doesn't exist."""
    if isinstance(source, str):
        return source
    return observed.secrets.get(source.name, {}).get(source.key)


def _absent_keys(observed: Observed, connection: Connection) -> Sequence[str]:
    # Of a bundled store the operator makes them itself.
    references: Mapping[str, Source] = {} if connection.is_bundled else connection.settings
    return [
        f"Secret {source.name} has no key {source.key} ({name})"
        for name, source in references.items()
        if isinstance(source, SecretKeyRef) and value_of(observed, source) is None
    ]


def _set_in_vain(observed: Observed, store: Store) -> Sequence[str]:
    rules = SETTINGS[store]
    given = {**_from_secret(observed, rules), **_TYPED[store](observed.instance.spec.stores)}
    return [
        f"{name} is set and no address of {store}: give {' or '.join(rules.locating)} too, or leave both to profile dev"
        for name in given
        if name not in rules.for_bundled
    ]


def rotated_stores(observed: Observed) -> frozenset[str]:
    """The stores whose present credentials rotation made."""
    secret = observed.children.get(("Secret", names.stores_secret(observed.instance.name)))
    annotations: Mapping[str, str] = secret["metadata"].get("annotations", {}) if secret else {}
    return frozenset(filter(None, annotations.get(labels.ROTATED, "").split(",")))


def _brings_along(observed: Observed) -> bool:
    spec = observed.instance.spec
    # A Secret that isn't there yet may name every store: bringing one along now would be for nothing.
    is_known = spec.stores_from is None or spec.stores_from.secret_ref.name in observed.secrets
    return spec.profile is Profile.DEV and is_known


def _from_secret(observed: Observed, rules: _Settings) -> Mapping[str, Source]:
    source = observed.instance.spec.stores_from
    if source is None:
        return {}
    name = source.secret_ref.name
    keys = observed.secrets.get(name, {})
    found = {_ALIASES.get(key, key): key for key in sorted(keys, key=lambda key: key not in _ALIASES) if keys[key]}
    return {setting: SecretKeyRef(name=name, key=key) for setting, key in found.items() if setting in rules.all}


def _over(rules: _Settings, below: Mapping[str, Source], above: Mapping[str, Source]) -> Mapping[str, Source]:
    if not any(name in above for name in rules.locating):
        return {**below, **above}
    return {**{name: value for name, value in below.items() if name not in rules.replaced}, **above}


def _rotated(observed: Observed, store: Store, base: Mapping[str, Source]) -> Mapping[str, Source]:
    """What rotation wrote for this store; nothing that is about another server than the spec names now."""
    if store not in rotated_stores(observed):
        return {}
    secret = names.stores_secret(observed.instance.name)
    keys = observed.secrets.get(secret, {})
    rotated: dict[str, Source] = {
        name: SecretKeyRef(name=secret, key=name) for name in SETTINGS[store].all if keys.get(name)
    }
    is_same_server = set(_endpoints(observed, store, rotated)) <= set(_endpoints(observed, store, base))
    return rotated if is_same_server else {}


def _endpoints(observed: Observed, store: Store, settings: Mapping[str, Source]) -> tuple[Address, ...]:
    values = {name: value_of(observed, source) or "" for name, source in settings.items()}
    return tuple(sorted(set(_ENDPOINTS[store](values))))


def _of_postgres(values: Mapping[str, str]) -> Sequence[Address]:
    urls = [values.get("DATABASE_URL", ""), values.get("DIRECT_URL", "")]
    found = [address for url in urls for address in addresses.in_url(url)]
    return [*found, *addresses.in_list(values.get("DATABASE_HOST", ""), _POSTGRES_PORT)]


def _of_clickhouse(values: Mapping[str, str]) -> Sequence[Address]:
    urls = [values.get("CLICKHOUSE_URL", ""), values.get("CLICKHOUSE_MIGRATION_URL", "")]
    return [address for url in urls for address in addresses.in_url(url)]


def _of_redis(values: Mapping[str, str]) -> Sequence[Address]:
    port = addresses.port_from(values.get("REDIS_PORT", ""), _REDIS_PORT)
    sentinels = addresses.in_list(values.get("REDIS_SENTINEL_NODES", ""), _SENTINEL_PORT)
    return [
        *addresses.in_url(values.get("REDIS_CONNECTION_STRING", "")),
        *addresses.in_list(values.get("REDIS_HOST", ""), port),
        *addresses.in_list(values.get("REDIS_CLUSTER_NODES", ""), port),
        *sentinels,
        # Sentinels answer with servers that nothing here names.
        *([Address("", _REDIS_PORT)] if sentinels else []),
    ]


def _of_object_store(values: Mapping[str, str]) -> Sequence[Address]:
    endpoints = [values[name] for name in (S3_PREFIX + "ENDPOINT", MEDIA_PREFIX + "ENDPOINT") if values.get(name)]
    found = [
        address
        for endpoint in endpoints
        for address in addresses.in_url(endpoint, _HTTPS_PORT if endpoint.startswith("https:") else 80)
    ]
    is_aws = values.get(S3_PREFIX + "BUCKET") and not values.get(S3_PREFIX + "ENDPOINT")
    return [*found, *([Address("", _HTTPS_PORT)] if is_aws else [])]


_ENDPOINTS: Final[Mapping[Store, Callable[[Mapping[str, str]], Sequence[Address]]]] = {
    Store.POSTGRES: _of_postgres,
    Store.CLICKHOUSE: _of_clickhouse,
    Store.REDIS: _of_redis,
    Store.OBJECT_STORE: _of_object_store,
}
