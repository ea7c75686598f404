"""The four stores: how each image is configured and asked whether it is well."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources as package_files
from typing import Any, Final

from elasticdash.operator.api import types
from elasticdash.operator.api.types import SecretKeyRef
from elasticdash.operator.naming import kinds, names
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import bundled, connections, objects, secrets
from elasticdash.operator.plan.manifests import pods
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from elasticdash.operator.plan.manifests.store_servers import server
from elasticdash.operator.plan.manifests.store_servers.server import DATA, Server
from elasticdash.operator.plan.observed import Manifest

# The users of the official images, by number.
_POSTGRES_USER, _CLICKHOUSE_USER, _REDIS_USER, _MINIO_USER = 999, 101, 999, 1000
_CONFIG = "config"
REDIS_FLAGS: Final = ("--appendonly", "yes", "--maxmemory-policy", "noeviction")
# The server's users, before each start: `default` for probes and administration, with the password of the Secret, and
# the one that processes log in as. A rotation changes the latter and saves it (ACL SAVE): it is kept until the Secret's
# password is another. All others are kept as they are.
USERS_SCRIPT: Final = f"""set -eu
hash=$(printf %s "$REDISCLI_AUTH" | sha256sum | cut -d ' ' -f 1)
rights="on #$hash ~* &* +@all"
if [ "$(cat "$1.made" 2>/dev/null)" = "$hash" ]; then made=default; else made='default {bundled.USER}'; fi
[ -f "$1" ] || : > "$1"
for user in $made; do
  {{ grep -v "^user $user " "$1" || true; echo "user $user $rights"; }} > "$1.new"
  mv "$1.new" "$1"
done
echo "$hash" > "$1.made"
"""
# A setting of users; all other files are settings of the server.
_PROFILE = "10-profile.xml"


def store_servers(blueprint: Blueprint) -> Sequence[Manifest]:
    """Everything of the stores that are brought along; empty where the spec names all of them."""
    brought = [each.store for each in connections.of_stores(blueprint.observed).values() if each.is_bundled]
    servers = [manifest for store in brought for manifest in server.objects_of(blueprint, _BUILDERS[store](blueprint))]
    return [*([_clickhouse_config(blueprint)] if Store.CLICKHOUSE in brought else []), *servers]


def _postgres(blueprint: Blueprint) -> Server:
    password = _password(blueprint, Store.POSTGRES)
    run_mount, run_volume = server.scratch("run", "/var/run/postgresql")
    # Not over the socket: the image's first start has a server there that is about to stop.
    asks = _exec(f"pg_isready -q -h 127.0.0.1 -U {bundled.USER} -d {bundled.POSTGRES_DATABASE}")
    variables = {
        "POSTGRES_USER": bundled.USER,
        "POSTGRES_DB": bundled.POSTGRES_DATABASE,
        # Below the volume's top, which may hold lost+found; the same for every version of the image.
        "PGDATA": "/data/pgdata",
    }
    return Server(
        store=Store.POSTGRES,
        user=_POSTGRES_USER,
        resources=types.resources("100m", "256Mi", "1Gi"),
        config_hash=_hash(blueprint, password),
        environment=[*server.literal(variables), server.from_secret("POSTGRES_PASSWORD", password)],
        container=_probes(asks),
        mounts=[{"name": DATA, "mountPath": "/data"}, run_mount],
        volumes=[run_volume],
    )


def _clickhouse(blueprint: Blueprint) -> Server:
    password = _password(blueprint, Store.CLICKHOUSE)
    users_mount, users_volume = server.scratch("users", "/etc/clickhouse-server/users.d")
    logs_mount, logs_volume = server.scratch("logs", "/var/log/clickhouse-server")
    config_map = names.store(blueprint.name, Store.CLICKHOUSE)
    server_files = [{"key": name, "path": name} for name in _clickhouse_files() if name != _PROFILE]
    config = {"name": _CONFIG, "configMap": {"name": config_map, "items": server_files}}
    profile = {"name": "profile", "configMap": {"name": config_map}}
    variables = {
        "CLICKHOUSE_USER": bundled.clickhouse_user(blueprint.instance),
        "CLICKHOUSE_DB": bundled.clickhouse_database(blueprint.instance),
        # Rotation and the Backend's user need it.
        "CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT": "1",
    }
    return Server(
        store=Store.CLICKHOUSE,
        user=_CLICKHOUSE_USER,
        resources=types.resources("250m", "1Gi", "4Gi"),
        config_hash=_hash(blueprint, password, *_clickhouse_files().values()),
        environment=[*server.literal(variables), server.from_secret("CLICKHOUSE_PASSWORD", password)],
        container=_probes({"httpGet": {"path": "/ping", "port": Store.CLICKHOUSE.value}}),
        mounts=[
            {"name": DATA, "mountPath": "/var/lib/clickhouse"},
            {"name": _CONFIG, "mountPath": "/etc/clickhouse-server/config.d", "readOnly": True},
            # The image's start script writes its user beside the profile.
            users_mount,
            {"name": "profile", "mountPath": f"{users_mount['mountPath']}/{_PROFILE}", "subPath": _PROFILE},
            logs_mount,
        ],
        volumes=[config, profile, users_volume, logs_volume],
    )


def _redis(blueprint: Blueprint) -> Server:
    password = _password(blueprint, Store.REDIS)
    mounts = [{"name": DATA, "mountPath": "/data"}]
    authentication = server.from_secret("REDISCLI_AUTH", password)
    command = ["sh", "-c", USERS_SCRIPT, "sh", "/data/users.acl"]
    container = {
        # Arguments that begin with a dash go to the server, in Valkey's image as in Redis'.
        "args": [*REDIS_FLAGS, "--dir", "/data", "--aclfile", "/data/users.acl"],
        **_probes(_exec("redis-cli ping | grep -q PONG")),
    }
    return Server(
        store=Store.REDIS,
        user=_REDIS_USER,
        resources=types.resources("50m", "64Mi", "512Mi"),
        config_hash=_hash(blueprint, password),
        environment=[authentication],
        container=container,
        mounts=mounts,
        init_containers=[
            {**_first(blueprint, Store.REDIS, "users", command), "env": [authentication], "volumeMounts": mounts}
        ],
    )


def _object_store(blueprint: Blueprint) -> Server:
    password = _password(blueprint, Store.OBJECT_STORE)
    mounts = [{"name": DATA, "mountPath": "/data"}]
    # A folder at the top of the volume is a bucket.
    command = ["sh", "-c", f"mkdir -p /data/{bundled.BUCKET}"]
    make_bucket = {**_first(blueprint, Store.OBJECT_STORE, "bucket", command), "volumeMounts": mounts}
    variables = {"MINIO_ROOT_USER": bundled.USER, "HOME": "/tmp"}
    ready = {"httpGet": {"path": "/minio/health/ready", "port": Store.OBJECT_STORE.value}}
    return Server(
        store=Store.OBJECT_STORE,
        user=_MINIO_USER,
        resources=types.resources("100m", "256Mi", "1Gi"),
        config_hash=_hash(blueprint, password),
        environment=[*server.literal(variables), server.from_secret("MINIO_ROOT_PASSWORD", password)],
        container={"args": ["server", "/data", "--address", ":9000"], **_probes(ready)},
        mounts=mounts,
        init_containers=[make_bucket],
    )


_BUILDERS: Final[Mapping[Store, Callable[[Blueprint], Server]]] = {
    Store.POSTGRES: _postgres,
    Store.CLICKHOUSE: _clickhouse,
    Store.REDIS: _redis,
    Store.OBJECT_STORE: _object_store,
}


def _clickhouse_config(blueprint: Blueprint) -> Manifest:
    name = names.store(blueprint.name, Store.CLICKHOUSE)
    body = {"data": dict(_clickhouse_files())}
    return objects.child(blueprint.instance, kinds.CONFIG_MAP, name, Store.CLICKHOUSE.value, body)


@cache
def _clickhouse_files() -> Mapping[str, str]:
    folder = package_files.files(__package__ or "") / "clickhouse_config"
    return {file.name: file.read_text() for file in sorted(folder.iterdir(), key=lambda file: file.name)}


def _password(blueprint: Blueprint, store: Store) -> SecretKeyRef:
    return secrets.source_of(blueprint.observed, secrets.PASSWORDS[store])


def _hash(blueprint: Blueprint, password: SecretKeyRef, *more: str) -> str:
    value = connections.value_of(blueprint.observed, password) or ""
    return hashlib.sha256("\0".join((value, *more)).encode()).hexdigest()[:32]


def _first(blueprint: Blueprint, store: Store, name: str, command: list[str]) -> dict[str, Any]:
    """A container that runs before the server, from the same image."""
    return {
        "name": name,
        "image": server.image(blueprint, store),
        "imagePullPolicy": blueprint.spec.image.pull_policy.value,
        "command": command,
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
        "securityContext": pods.container_security(has_read_only_root=True),
    }


def _exec(command: str) -> Manifest:
    return {"exec": {"command": ["sh", "-c", command]}}


def _probes(ready: Manifest) -> Manifest:
    """A start may take five minutes, as after a crash with much to replay; then only readiness is judged quickly."""
    return {
        "startupProbe": {**ready, "periodSeconds": 3, "timeoutSeconds": 3, "failureThreshold": 100},
        "readinessProbe": {**ready, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3},
        "livenessProbe": {**ready, "periodSeconds": 20, "timeoutSeconds": 10, "failureThreshold": 6},
    }
