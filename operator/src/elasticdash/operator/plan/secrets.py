"""The instance's own Secrets: what is made once and never replaced, and what is made from it."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from elasticdash.operator.api.enums import DeletionPolicy
from elasticdash.operator.api.types import SecretKeyRef
from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import bundled, connections, objects
from elasticdash.operator.plan.observed import Manifest, Observed

# Makes a secret of this many random bytes, in hexadecimal: any URL, command line or file takes it as it is.
RandomSource = Callable[[int], str]

# Keys of the generated Secret that are called as the settings they become.
SALT: Final = "SALT"
SESSION_SECRET: Final = "NEXTAUTH_SECRET"
ENCRYPTION_KEY: Final = "ENCRYPTION_KEY"
ADMIN_API_KEY: Final = "ADMIN_API_KEY"
# Beside them during and after a rotation: what still, or already, works.
PREVIOUS_SALT: Final = "ELASTICDASH_PREVIOUS_SALT"
ACCEPTED_SESSION_SECRETS: Final = "ELASTICDASH_ACCEPTED_SESSION_SECRETS"
ACCEPTED_ENCRYPTION_KEYS: Final = "ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS"
ADMIN_PASSWORD: Final = "ADMIN_PASSWORD"
PASSWORDS: Final[Mapping[Store, str]] = {
    Store.POSTGRES: "POSTGRES_PASSWORD",
    Store.CLICKHOUSE: "CLICKHOUSE_PASSWORD",
    Store.REDIS: "REDIS_PASSWORD",
    Store.OBJECT_STORE: "OBJECT_STORE_PASSWORD",
}
HOST: Final = "host"
PUBLIC_KEY: Final = "publicKey"
SECRET_KEY: Final = "secretKey"

_COMPONENT = "secrets"
_BYTES = 24


def source_of(observed: Observed, key: str) -> SecretKeyRef:
    """Where a value is that would be generated: in the Secret the spec gives for these, if it has the key."""
    given = observed.instance.spec.secrets.existing_ref
    if given and key in observed.secrets.get(given.name, {}):
        return SecretKeyRef(name=given.name, key=key)
    return SecretKeyRef(name=names.generated_secret(observed.instance.name), key=key)


def keys_secret(observed: Observed) -> str:
    """Name of the Secret with the default project's API keys."""
    return observed.instance.spec.bootstrap.keys_secret_name or names.keys_secret(observed.instance.name)


def generated(observed: Observed, random: RandomSource) -> Sequence[Manifest]:
    """The Secrets that lack something, with what is there as it is and the rest made new; empty when all is there.

    They carry the resource version they were read at, so that nothing another process made meanwhile is replaced.
    """
    own = observed.secrets.get(names.generated_secret(observed.instance.name), {})
    made = {key: random(_BYTES) for key in _wanted(observed) if not own.get(key)}
    keys = observed.secrets.get(keys_secret(observed), {})
    made_keys = {
        key: prefix + random(_BYTES)
        for key, prefix in ((PUBLIC_KEY, "pk-lf-"), (SECRET_KEY, "sk-lf-"))
        if not keys.get(key)
    }
    found: list[Manifest] = []
    if made:
        found.append(_at_version(observed, _generated_secret(observed, {**own, **made})))
    if made_keys:
        found.append(_at_version(observed, _keys_secret(observed, {**keys, **made_keys})))
    return found


def manifests(observed: Observed) -> Sequence[Manifest]:
    """The instance's Secrets as they should be, from the values that are there."""
    own = observed.secrets.get(names.generated_secret(observed.instance.name), {})
    keys = observed.secrets.get(keys_secret(observed), {})
    stores = _store_values(observed)
    return [
        *([_generated_secret(observed, own)] if own else []),
        *([_keys_secret(observed, keys)] if keys.get(SECRET_KEY) else []),
        *([_stores_secret(observed, stores, connections.rotated_stores(observed))] if stores else []),
    ]


def during_move(observed: Observed) -> Sequence[Manifest]:
    """The Secrets while pods still use settings of stores that the spec no longer names."""
    present = observed.secrets.get(names.stores_secret(observed.instance.name), {})
    stores = {**present, **_store_values(observed)}
    return [_stores_secret(observed, stores, connections.rotated_stores(observed))] if stores else []


def rotated(observed: Observed, store: Store, settings: Mapping[str, str]) -> Manifest:
    """The Secret of store settings with new credentials of one store, from then on the ones processes get."""
    others = {name: value for name, value in _store_values(observed).items() if name not in settings}
    return _stores_secret(observed, {**others, **settings}, connections.rotated_stores(observed) | {store})


def with_generated(observed: Observed, values: Mapping[str, str]) -> Manifest:
    """The generated Secret with these values in place of its present ones."""
    return _generated_secret(observed, values)


def with_keys(observed: Observed, public_key: str, secret_key: str) -> Manifest:
    """The Secret of the default project's API key with another key."""
    return _keys_secret(observed, {PUBLIC_KEY: public_key, SECRET_KEY: secret_key})


def of_rotations(observed: Observed, values: Mapping[str, str]) -> Manifest:
    """The Secret with what rotations keep between looks."""
    return _secret(observed, names.rotation_secret(observed.instance.name), values)


def observed_with(observed: Observed, made: Sequence[Manifest]) -> Observed:
    """What will be observed once these Secrets are applied."""
    return _with_secrets(observed, made)


def internal_url(observed: Observed) -> str:
    """Where web is reached in the cluster."""
    instance = observed.instance
    return f"http://{names.web(instance.name)}.{instance.namespace}.svc:3000"


def _wanted(observed: Observed) -> Sequence[str]:
    brought = [connection.store for connection in connections.of_stores(observed).values() if connection.is_bundled]
    wanted = [SALT, SESSION_SECRET, ENCRYPTION_KEY, ADMIN_API_KEY, *(PASSWORDS[store] for store in brought)]
    if observed.instance.spec.bootstrap.admin_user.password_ref is None:
        wanted.append(ADMIN_PASSWORD)
    generated_name = names.generated_secret(observed.instance.name)
    return [key for key in wanted if source_of(observed, key).name == generated_name]


def _store_values(observed: Observed) -> Mapping[str, str]:
    """Settings of bundled stores, and those that rotation made, which go first."""
    present = observed.secrets.get(names.stores_secret(observed.instance.name), {})
    rotated_stores = connections.rotated_stores(observed)
    values: dict[str, str] = {}
    for store, connection in connections.of_stores(observed).items():
        password = connections.value_of(observed, source_of(observed, PASSWORDS[store]))
        if connection.is_bundled and password:
            values.update(bundled.settings(observed.instance, store, password))
        if store in rotated_stores:
            values.update({name: present[name] for name in connections.SETTINGS[store].all if name in present})
    return values


def _generated_secret(observed: Observed, values: Mapping[str, str]) -> Manifest:
    return _secret(observed, names.generated_secret(observed.instance.name), values)


def _keys_secret(observed: Observed, values: Mapping[str, str]) -> Manifest:
    host = observed.instance.spec.url or internal_url(observed)
    return _secret(observed, keys_secret(observed), {**values, HOST: host})


def _stores_secret(observed: Observed, values: Mapping[str, str], rotated_stores: frozenset[str]) -> Manifest:
    manifest = _secret(observed, names.stores_secret(observed.instance.name), values)
    return objects.annotated(manifest, {labels.ROTATED: ",".join(sorted(rotated_stores))} if rotated_stores else {})


def _secret(observed: Observed, name: str, values: Mapping[str, str]) -> Manifest:
    keeps = observed.instance.spec.deletion_policy is DeletionPolicy.RETAIN
    build = objects.retained if keeps else objects.child
    data = {key: base64.b64encode(value.encode()).decode() for key, value in sorted(values.items())}
    return build(observed.instance, kinds.SECRET, name, _COMPONENT, {"type": "Opaque", "data": data})


def _at_version(observed: Observed, manifest: Manifest) -> Manifest:
    live = observed.children.get(("Secret", manifest["metadata"]["name"]))
    if live is None:
        return manifest
    version = live["metadata"]["resourceVersion"]
    return {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}


def completed(observed: Observed, made: Sequence[Manifest] = ()) -> Observed:
    """What will be observed once these Secrets, and the ones made from them, are applied."""
    with_made = _with_secrets(observed, made)
    return _with_secrets(with_made, manifests(with_made))


def _with_secrets(observed: Observed, made: Sequence[Manifest]) -> Observed:
    values = {
        str(manifest["metadata"]["name"]): {
            key: base64.b64decode(value).decode() for key, value in manifest["data"].items()
        }
        for manifest in made
    }
    return replace(observed, secrets={**observed.secrets, **values})
