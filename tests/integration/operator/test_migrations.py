"""Migrations that really run on real stores: they gate every version, say why they fail, and are tried again."""

import secrets
import shutil
from base64 import b64decode
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from support import metadata
from support.kubernetes import operator as operators
from support.kubernetes.api import Object, eventually
from support.kubernetes.cluster import Cluster
from support.kubernetes.local_node import LocalNode
from support.kubernetes.operator import Instance, Operator
from support.kubernetes.operator_fixtures import QUICK
from support.servers import clickhouse as clickhouse_servers
from support.servers.stores import StoreServers

# Each Job starts Python twice on a machine that does much else.
JOBS_SECONDS = 180
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def empty_stores(stores: StoreServers) -> Generator[Mapping[str, str]]:
    """Settings of stores in which nothing was ever migrated."""
    name = f"operator_{secrets.token_hex(4)}"
    database = stores.postgres.databases.create()
    clickhouse_servers.execute(stores.clickhouse.url, f"CREATE DATABASE {name}")
    environment = replace(stores, database_url=database).environment
    wanted = ("DATABASE_", "CLICKHOUSE_", "REDIS_", "ELASTICDASH_S3_")
    yield {"CLICKHOUSE_DB": name, **{key: value for key, value in environment.items() if key.startswith(wanted)}}
    clickhouse_servers.execute(stores.clickhouse.url, f"DROP DATABASE {name}")
    stores.postgres.databases.drop(database)


@pytest.fixture
def instance(
    kubernetes: Cluster, namespace: str, tmp_path: Path, empty_stores: Mapping[str, str]
) -> Generator[Instance]:
    """An instance on those stores. Its Jobs are processes; web and workers are played."""
    api = kubernetes.api
    operators.install_crds(api)
    secret = {"metadata": {"name": "stores", "namespace": namespace}, "stringData": dict(empty_stores)}
    api.create({"apiVersion": "v1", "kind": "Secret", **secret})
    node = LocalNode(api.access, [namespace], tmp_path / "pods")
    node.start()
    found = Instance(api, namespace)
    _ship(found, "1.0.0", metadata.MIGRATIONS.parent)
    with Operator(kubernetes.kubeconfig, [namespace], tmp_path, QUICK):
        yield found
    node.stop()


def spec(version: str) -> Mapping[str, object]:
    """A specification whose migrations are where the ConfigMap of this version says."""
    name = {"name": f"version-{version}"}
    fixed = {"autoscaling": {"mode": "None"}}
    stores = {"secretRef": {"name": "stores"}}
    return {
        "version": version,
        "storesFrom": stores,
        "envFrom": [{"configMapRef": name}],
        "web": fixed,
        "worker": fixed,
    }


def test_a_version_waits_for_its_migrations_and_a_failed_one_changes_nothing(
    instance: Instance, empty_stores: Mapping[str, str], tmp_path: Path, stores: StoreServers
) -> None:
    instance.apply(**spec("1.0.0"))
    first = instance.wait_for_phase("Ready", JOBS_SECONDS)
    assert _tables(stores, empty_stores) > 5
    assert first["status"]["version"]["running"] == "1.0.0"
    before = _images(instance)

    broken = _with_migration(tmp_path, "SELECT * FROM nowhere_at_all")
    _ship(instance, "1.1.0", broken)
    instance.apply(**spec("1.1.0"))

    failed = instance.wait_for("MigrationsApplied", "Failed", JOBS_SECONDS)
    assert "nowhere_at_all" in failed["message"]
    assert "Last statement" in failed["message"]
    status = instance.wait_for_phase("Blocked")["status"]
    assert _images(instance) == before
    assert (status["version"]["running"], status["version"]["desired"]) == ("1.0.0", "1.1.0")
    assert status["migrations"]["history"][0]["outcome"] == "failed_statement"
    assert status["web"]["ready"] == 1
    assert any(event["type"] == "Warning" and event["reason"] == "Failed" for event in instance.events())

    _with_migration(tmp_path, "SELECT 1")
    instance.annotate("retry-migration", "1")

    done = instance.wait_for_phase("Ready", JOBS_SECONDS)["status"]
    assert (done["version"]["running"], done["version"]["previous"]) == ("1.1.0", "1.0.0")
    assert _images(instance) != before
    eventually(instance.jobs, lambda jobs: jobs == [])

    # The schema has a file that the older version doesn't know.
    instance.apply(**spec("1.0.0"))

    refused = instance.wait_for("MigrationsApplied", "DowngradeRefused", JOBS_SECONDS)
    assert "newer" in refused["message"]
    assert all("1.1.0" in image for image in _images(instance))


def test_what_a_preflight_finds_is_named_and_tried_again(
    instance: Instance, namespace: str, empty_stores: Mapping[str, str]
) -> None:
    secret = instance.api.get("v1", "Secret", "stores", namespace)
    parts = urlsplit(empty_stores["DATABASE_URL"])
    wrong = urlunsplit(parts._replace(netloc=f"{parts.username}:wrong-canary@{parts.hostname}:{parts.port}"))
    instance.api.merge(secret, {"stringData": {"DATABASE_URL": wrong}})
    instance.apply(**spec("1.0.0"))

    found = instance.wait_for("StoresReady", "AuthFailed", JOBS_SECONDS)

    assert "postgres" in found["message"]
    assert "canary" not in str(instance.get())
    assert instance.condition("MigrationsApplied")["reason"] == "CheckFailed"
    assert _images(instance) == []

    right = b64decode(secret["data"]["DATABASE_URL"]).decode()
    instance.api.merge(secret, {"stringData": {"DATABASE_URL": right}})
    instance.annotate("retry-migration", "1")

    instance.wait_for_phase("Ready", JOBS_SECONDS)


def test_other_stores_are_refused_and_nothing_is_touched(
    instance: Instance, namespace: str, stores: StoreServers
) -> None:
    instance.apply(**spec("1.0.0"))
    instance.wait_for_phase("Ready", JOBS_SECONDS)
    before = {
        key: child["metadata"]["generation"] for key, child in instance.children().items() if key[0] == "Deployment"
    }
    other = stores.postgres.databases.create()
    secret = instance.api.get("v1", "Secret", "stores", namespace)

    instance.api.merge(secret, {"stringData": {"DATABASE_URL": other}})

    refused = instance.wait_for("MigrationsApplied", "RetargetBlocked")
    after = {
        key: child["metadata"]["generation"] for key, child in instance.children().items() if key[0] == "Deployment"
    }
    assert after == before
    assert instance.get()["status"]["migrations"]["pendingIdentity"] in refused["message"]
    assert instance.jobs() == []

    instance.api.merge(secret, {"data": {"DATABASE_URL": secret["data"]["DATABASE_URL"]}})

    instance.wait_for_phase("Ready")
    stores.postgres.databases.drop(other)


def _ship(instance: Instance, version: str, migrations: Path) -> None:
    """Let the images of a version have the migrations of this folder."""
    name = {"name": f"version-{version}", "namespace": instance.namespace}
    data = {"ELASTICDASH_MIGRATIONS_DIR": str(migrations)}
    instance.api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": name, "data": data})


def _tables(stores: StoreServers, settings: Mapping[str, str]) -> int:
    query = f"SELECT count() FROM system.tables WHERE database = '{settings['CLICKHOUSE_DB']}'"
    return int(clickhouse_servers.execute(stores.clickhouse.url, query))


def _images(instance: Instance) -> list[str]:
    deployments: list[Object] = [child for (kind, _), child in instance.children().items() if kind == "Deployment"]
    return sorted(each["spec"]["template"]["spec"]["containers"][0]["image"] for each in deployments)


def _with_migration(folder: Path, statement: str) -> Path:
    """The product's migrations and one more of ClickHouse's."""
    copied = folder / "migrations"
    if not copied.exists():
        shutil.copytree(metadata.MIGRATIONS.parent, copied)
    (copied / "clickhouse" / "9999_added_by_a_test.sql").write_text(f"{statement};\n")
    return copied
