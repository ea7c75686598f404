"""The stores that profile dev brings along."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from elasticdash.operator.naming.stores import S3_PREFIX, Store
from elasticdash.operator.plan import connections
from support.operator import looks

REPOSITORY = Path(__file__).parents[5]


def store_pod(name: str, **more: Any) -> Any:
    return looks.pod_of(looks.plan({**looks.DEV, **more}), "StatefulSet", f"obs-{name}")


def variables(name: str, **more: Any) -> dict[str, Any]:
    return looks.variables_of(looks.plan({**looks.DEV, **more}), "StatefulSet", f"obs-{name}")


@pytest.mark.parametrize("spec", [looks.STANDARD, looks.PRODUCTION])
def test_other_profiles_bring_none_along(spec: dict[str, Any]) -> None:
    assert not [kind for kind, _ in looks.by_key(looks.plan(spec)) if kind == "StatefulSet"]


def test_a_store_of_ones_own_is_not_brought_along() -> None:
    state = looks.plan({**looks.DEV, "stores": {"clickhouse": {"url": "http://ch:8123"}}})

    assert [name for kind, name in looks.by_key(state) if kind == "StatefulSet"] == [
        *("obs-postgres", "obs-redis", "obs-objectstore")
    ]


@pytest.mark.parametrize("store", Store)
def test_processes_reach_a_store_where_its_service_is(store: Store) -> None:
    found = looks.look(looks.DEV)
    service = looks.by_key(looks.plan(looks.DEV))["Service", f"obs-{store.value}"]

    (endpoint,) = connections.of_store(found, store).endpoints

    assert endpoint.host == f"{service['metadata']['name']}.default.svc"
    assert endpoint.port == service["spec"]["ports"][0]["port"]


def test_logins_are_those_the_servers_were_made_with() -> None:
    found = looks.look(looks.DEV)
    settings = {
        name: connections.value_of(found, source)
        for store in Store
        for name, source in connections.of_store(found, store).settings.items()
    }
    generated = found.secrets["obs-generated"]

    url = urlsplit(str(settings["DATABASE_URL"]))
    assert (url.username, url.password) == (variables("postgres")["POSTGRES_USER"], generated["POSTGRES_PASSWORD"])
    assert url.path == "/" + variables("postgres")["POSTGRES_DB"]
    assert settings["CLICKHOUSE_USER"] == variables("clickhouse")["CLICKHOUSE_USER"]
    assert settings["CLICKHOUSE_PASSWORD"] == generated["CLICKHOUSE_PASSWORD"]
    assert settings["CLICKHOUSE_DB"] == variables("clickhouse")["CLICKHOUSE_DB"]
    queue = urlsplit(str(settings["REDIS_CONNECTION_STRING"]))
    assert (queue.username, queue.password) == ("elasticdash", generated["REDIS_PASSWORD"])
    assert settings[S3_PREFIX + "ACCESS_KEY_ID"] == variables("objectstore")["MINIO_ROOT_USER"]
    assert settings[S3_PREFIX + "SECRET_ACCESS_KEY"] == generated["OBJECT_STORE_PASSWORD"]


def test_the_bucket_is_made_before_the_object_store_starts() -> None:
    (make_bucket,) = store_pod("objectstore")["initContainers"]
    found = looks.look(looks.DEV)
    bucket = connections.of_store(found, Store.OBJECT_STORE).settings[S3_PREFIX + "BUCKET"]

    assert make_bucket["command"][-1] == f"mkdir -p /data/{connections.value_of(found, bucket)}"


def test_volumes_have_the_size_and_class_that_are_asked_for() -> None:
    bundled = {"storageClass": "fast", "sizes": {"clickhouse": "99Gi"}}

    state = looks.by_key(looks.plan({**looks.DEV, "stores": {"bundled": bundled}}))

    (claim,) = state["StatefulSet", "obs-clickhouse"]["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "fast"
    assert claim["spec"]["resources"]["requests"]["storage"] == "99Gi"


def test_clickhouse_is_configured_as_on_a_single_machine() -> None:
    deployed = {file.name: file.read_text() for file in (REPOSITORY / "deploy" / "clickhouse").glob("*/*.xml")}

    config = looks.by_key(looks.plan(looks.DEV))["ConfigMap", "obs-clickhouse"]["data"]

    assert deployed.items() <= config.items()
    assert "<listen_host>0.0.0.0</listen_host>" in config["00-container.xml"]
