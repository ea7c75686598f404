"""Where stores are, from typed fields, from one Secret, or brought along."""

from typing import Any

import pytest

from elasticdash.operator.naming.addresses import Address
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections, locations
from support.operator import looks

KEY = {"name": "own", "key": "value"}
S3 = "ELASTICDASH_S3_EVENT_UPLOAD_"
MEDIA = "ELASTICDASH_S3_MEDIA_UPLOAD_"


def standard(**stores: Any) -> dict[str, Any]:
    return {**looks.STANDARD, "stores": stores}


def test_a_missing_secret_is_named() -> None:
    found = looks.look(looks.STANDARD, given={})

    assert connections.missing(found)[0] == "Secret obs-platform (spec.storesFrom) does not exist"
    assert not any(each.is_bundled for each in connections.of_stores(found).values())


def test_a_store_that_nothing_names_is_named() -> None:
    without = {key: value for key, value in looks.STORES.items() if not key.startswith("CLICKHOUSE")}

    problems = connections.missing(looks.look(looks.STANDARD, given={"obs-platform": without}))

    assert problems == ["nothing says where clickhouse is: set it in spec.stores, or CLICKHOUSE_URL in storesFrom"]


def test_a_missing_key_is_named_with_what_it_is_for() -> None:
    problems = connections.missing(looks.look(standard(postgres={"urlRef": KEY})))

    assert problems == ["Secret own has no key value (DATABASE_URL)"]


@pytest.mark.parametrize(
    ("stores", "setting"),
    [
        ({"redis": {"tls": True}}, "REDIS_TLS_ENABLED"),
        ({"redis": {"passwordRef": KEY}}, "REDIS_AUTH"),
        ({"clickhouse": {"clusterName": "main"}}, "CLICKHOUSE_CLUSTER_ENABLED"),
        ({"postgres": {"directUrlRef": KEY}}, "DIRECT_URL"),
    ],
)
def test_a_setting_of_a_store_that_is_not_named_is_refused(stores: dict[str, Any], setting: str) -> None:
    found = looks.look({"profile": "dev", "stores": stores})

    assert connections.missing(found)[0].startswith(f"{setting} is set and no address of ")


def test_what_a_bundled_store_can_be_told_is_passed_on() -> None:
    stores = {
        "redis": {"keyPrefix": "obs:"},
        "clickhouse": {"user": "me", "database": "mine"},
        "objectStorage": {"externalEndpoint": "https://files.example.com"},
    }

    found = looks.look({"profile": "dev", "stores": stores})

    assert connections.missing(found) == []
    assert looks.settings_of(found, Store.REDIS)["REDIS_KEY_PREFIX"] == "obs:"
    assert looks.settings_of(found, Store.OBJECT_STORE)[MEDIA + "EXTERNAL_ENDPOINT"] == "https://files.example.com"
    settings = connections.of_store(found, Store.CLICKHOUSE).settings
    assert connections.value_of(found, settings["CLICKHOUSE_USER"]) == "me"
    assert connections.value_of(found, settings["CLICKHOUSE_DB"]) == "mine"


@pytest.mark.parametrize("spec", [looks.DEV, looks.STANDARD])
def test_nothing_is_missing_of_a_complete_instance(spec: dict[str, Any]) -> None:
    assert connections.missing(looks.look(spec)) == []


def test_what_a_secret_does_not_name_is_brought_along_in_profile_dev() -> None:
    found = looks.look({"profile": "dev", **looks.STANDARD}, given={"obs-platform": {"REDIS_HOST": "redis"}})

    bundled = {store for store, each in connections.of_stores(found).items() if each.is_bundled}
    assert bundled == {Store.POSTGRES, Store.CLICKHOUSE, Store.OBJECT_STORE}


@pytest.mark.parametrize(
    ("store", "stores", "given", "expected"),
    [
        (
            Store.POSTGRES,
            {"postgres": {"urlRef": KEY}},
            {"DATABASE_URL": "x", "DIRECT_URL": "y"},
            {"DATABASE_URL": "own/value"},
        ),
        (
            Store.POSTGRES,
            {"postgres": {"directUrlRef": KEY}},
            {"DATABASE_URL": "x"},
            {"DATABASE_URL": "obs-platform/DATABASE_URL", "DIRECT_URL": "own/value"},
        ),
        (
            Store.POSTGRES,
            {"postgres": {"host": "db", "database": "d", "user": "u", "passwordRef": KEY, "sslMode": "require"}},
            {"DATABASE_URL": "x"},
            {
                "DATABASE_HOST": "db",
                "DATABASE_NAME": "d",
                "DATABASE_USERNAME": "u",
                "DATABASE_PASSWORD": "own/value",
                "DATABASE_ARGS": "sslmode=require",
            },
        ),
        (
            Store.CLICKHOUSE,
            {"clickhouse": {"url": "http://ch:8123", "clusterName": "main"}},
            {"CLICKHOUSE_URL": "http://other", "CLICKHOUSE_USER": "u"},
            {
                "CLICKHOUSE_URL": "http://ch:8123",
                "CLICKHOUSE_USER": "obs-platform/CLICKHOUSE_USER",
                "CLICKHOUSE_CLUSTER_ENABLED": "true",
                "CLICKHOUSE_CLUSTER_NAME": "main",
            },
        ),
        (
            Store.REDIS,
            {"redis": {"nodes": ["redis:6380"], "tls": True, "db": 2, "keyPrefix": "obs:"}},
            {"REDIS_URL": "redis://x", "REDIS_AUTH": "a"},
            {
                "REDIS_HOST": "redis",
                "REDIS_PORT": "6380",
                "REDIS_AUTH": "obs-platform/REDIS_AUTH",
                "REDIS_TLS_ENABLED": "true",
                "REDIS_DB": "2",
                "REDIS_KEY_PREFIX": "obs:",
            },
        ),
        (
            Store.REDIS,
            {"redis": {"mode": "Cluster", "nodes": ["a", "b"], "username": "u", "passwordRef": KEY}},
            {},
            {
                "REDIS_CLUSTER_ENABLED": "true",
                "REDIS_CLUSTER_NODES": "a,b",
                "REDIS_USERNAME": "u",
                "REDIS_AUTH": "own/value",
            },
        ),
        (
            Store.REDIS,
            {
                "redis": {
                    "mode": "Sentinel",
                    "nodes": ["s1", "s2"],
                    "sentinel": {"masterName": "main", "username": "s", "passwordRef": KEY},
                }
            },
            {},
            {
                "REDIS_SENTINEL_ENABLED": "true",
                "REDIS_SENTINEL_NODES": "s1,s2",
                "REDIS_SENTINEL_MASTER_NAME": "main",
                "REDIS_SENTINEL_USERNAME": "s",
                "REDIS_SENTINEL_PASSWORD": "own/value",
            },
        ),
        (
            Store.OBJECT_STORE,
            {
                "objectStorage": {
                    "s3": {"bucket": "own", "prefix": "p/", "forcePathStyle": True},
                    "externalEndpoint": "https://files",
                }
            },
            {
                "S3_ENDPOINT": "http://minio:9000",
                "LANGFUSE_S3_EVENT_UPLOAD_ACCESS_KEY_ID": "k",
                "LANGFUSE_S3_MEDIA_UPLOAD_BUCKET": "files",
                MEDIA + "EXTERNAL_ENDPOINT": "https://elsewhere",
            },
            {
                S3 + "BUCKET": "own",
                S3 + "PREFIX": "p/",
                S3 + "REGION": "auto",
                S3 + "FORCE_PATH_STYLE": "true",
                S3 + "ENDPOINT": "obs-platform/S3_ENDPOINT",
                S3 + "ACCESS_KEY_ID": "obs-platform/LANGFUSE_S3_EVENT_UPLOAD_ACCESS_KEY_ID",
                MEDIA + "BUCKET": "obs-platform/LANGFUSE_S3_MEDIA_UPLOAD_BUCKET",
                MEDIA + "EXTERNAL_ENDPOINT": "https://files",
            },
        ),
    ],
)
def test_typed_fields_go_before_the_secret_key_by_key(
    store: Store, stores: dict[str, Any], given: dict[str, str], expected: dict[str, str]
) -> None:
    found = looks.look(standard(**stores), given={"obs-platform": given, "own": {"value": "v"}})

    assert looks.settings_of(found, store) == expected


@pytest.mark.parametrize(
    ("store", "given", "expected"),
    [
        (Store.POSTGRES, {"DATABASE_URL": "postgresql://u:p@a:1,b/d"}, [("a", 1), ("b", 5432)]),
        (
            Store.POSTGRES,
            {"DATABASE_URL": "postgresql://pooler:6432/d", "DIRECT_URL": "postgresql://db/d"},
            [("db", 5432), ("pooler", 6432)],
        ),
        (Store.POSTGRES, {"DATABASE_HOST": "[2001:db8::1]:5433"}, [("2001:db8::1", 5433)]),
        (Store.CLICKHOUSE, {"CLICKHOUSE_URL": "https://ch"}, [("ch", 8443)]),
        (Store.CLICKHOUSE, {"CLICKHOUSE_URL": "http://ch"}, [("ch", 8123)]),
        (Store.REDIS, {"REDIS_HOST": "r", "REDIS_PORT": "1"}, [("r", 1)]),
        (Store.REDIS, {"REDIS_CLUSTER_NODES": "a:7000,b"}, [("a", 7000), ("b", 6379)]),
        (Store.REDIS, {"REDIS_SENTINEL_NODES": "s"}, [("", 6379), ("s", 26379)]),
        (Store.OBJECT_STORE, {"S3_BUCKET": "b", "S3_ENDPOINT": "http://minio"}, [("minio", 80)]),
        (Store.OBJECT_STORE, {"S3_BUCKET": "b"}, [("", 443)]),
        (Store.OBJECT_STORE, {"S3_BUCKET": "b", MEDIA + "ENDPOINT": "http://files:9000"}, [("", 443), ("files", 9000)]),
        # SDKs and browsers go there, not our pods.
        (Store.OBJECT_STORE, {"S3_BUCKET": "b", MEDIA + "EXTERNAL_ENDPOINT": "https://files"}, [("", 443)]),
    ],
)
def test_endpoints_are_read_from_the_settings(
    store: Store, given: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    found = looks.look(looks.STANDARD, given={"obs-platform": given})

    assert list(connections.of_store(found, store).endpoints) == [Address(host, port) for host, port in expected]


def test_the_place_of_the_data_changes_with_the_database_and_not_with_the_login() -> None:
    def places(**changed: str) -> tuple[str, str]:
        found = looks.look(looks.STANDARD, given={"obs-platform": {**looks.STORES, **changed}})
        return locations.postgres(found), locations.clickhouse(found)

    present = places()

    assert present == ("pg.databases.svc:5432/logger", "clickhouse.example.com:8443/default")
    assert places(DATABASE_URL="postgresql://other:new@pg.databases.svc/logger", CLICKHOUSE_USER="x") == present
    assert places(DATABASE_URL="postgresql://logger:secret@pg.databases.svc/logger?schema=b") != present
    assert places(CLICKHOUSE_CLUSTER_ENABLED="true") != present
    assert places(CLICKHOUSE_DB="b") != present
