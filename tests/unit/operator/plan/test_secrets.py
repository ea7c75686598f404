"""What is generated once, and the Secrets made from it."""

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections, secrets
from elasticdash.operator.plan.observed import Manifest, Observed
from support.operator import looks

GENERATED = "obs-generated"


def bare(spec: dict[str, Any], given: dict[str, dict[str, str]], *children: Manifest) -> Observed:
    return replace(looks.look(spec, *children), secrets=given)


def values(manifest: Manifest) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in manifest["data"].items()}


def test_nothing_is_generated_when_all_is_there() -> None:
    assert secrets.generated(looks.look(looks.DEV), looks.random_source()) == []


def test_what_is_there_is_never_made_anew() -> None:
    live = {"kind": "Secret", "metadata": {"name": GENERATED, "resourceVersion": "41"}}
    found = bare(looks.DEV, {GENERATED: {"SALT": "old"}, "obs-keys": {"publicKey": "pk-old"}}, live)

    generated, keys = secrets.generated(found, looks.random_source())

    assert values(generated)["SALT"] == "old"
    assert values(keys)["publicKey"] == "pk-old"
    assert values(keys)["secretKey"].startswith("sk-lf-")


def test_a_secret_that_changed_since_it_was_read_is_not_written() -> None:
    live = {"kind": "Secret", "metadata": {"name": GENERATED, "resourceVersion": "41"}}

    generated, keys = secrets.generated(bare(looks.DEV, {}, live), looks.random_source())

    assert generated["metadata"]["resourceVersion"] == "41"
    assert "resourceVersion" not in keys["metadata"]


def test_only_bundled_stores_need_passwords() -> None:
    dev = secrets.generated(bare(looks.DEV, {}), looks.random_source())
    standard = secrets.generated(bare(looks.STANDARD, {"obs-platform": looks.STORES}), looks.random_source())

    assert set(values(standard[0])) == {"SALT", "NEXTAUTH_SECRET", "ENCRYPTION_KEY", "ADMIN_API_KEY", "ADMIN_PASSWORD"}
    assert set(values(dev[0])) - set(values(standard[0])) == set(secrets.PASSWORDS.values())


def test_values_are_the_same_in_any_url() -> None:
    for manifest in secrets.generated(bare(looks.DEV, {}), looks.random_source()):
        for key, value in values(manifest).items():
            assert key == "host" or quote(value, safe="") == value
            assert key == "host" or len(value) >= 48


def test_keys_of_a_secret_of_ones_own_are_used_and_the_rest_is_generated() -> None:
    spec = {**looks.STANDARD, "secrets": {"existingRef": {"name": "mine"}}}
    given = {"obs-platform": looks.STORES, "mine": {"SALT": "pepper"}}
    found = bare(spec, given)

    generated, _ = secrets.generated(found, looks.random_source())

    assert "SALT" not in values(generated)
    assert secrets.source_of(found, "SALT").name == "mine"
    assert secrets.source_of(found, "ADMIN_API_KEY").name == GENERATED


def test_an_admin_password_of_ones_own_is_not_generated() -> None:
    spec = {**looks.STANDARD, "bootstrap": {"adminUser": {"passwordRef": {"name": "admin", "key": "password"}}}}

    generated, _ = secrets.generated(bare(spec, {"obs-platform": looks.STORES}), looks.random_source())

    assert "ADMIN_PASSWORD" not in values(generated)
    assert (
        looks.variables_of(looks.plan(spec), "Deployment", "obs-web")["ELASTICDASH_INIT_USER_PASSWORD"]
        == "admin/password"
    )


@pytest.mark.parametrize(
    ("spec", "name", "host"),
    [
        (looks.STANDARD, "obs-keys", "http://obs-web.default.svc:3000"),
        (looks.PRODUCTION, "obs-keys", "https://obs.example.com"),
        ({**looks.STANDARD, "bootstrap": {"keysSecretName": "sdk"}}, "sdk", "http://obs-web.default.svc:3000"),
    ],
)
def test_sdks_find_their_host_and_keys(spec: dict[str, Any], name: str, host: str) -> None:
    keys = values(looks.by_key(looks.plan(spec))["Secret", name])

    assert set(keys) == {"host", "publicKey", "secretKey"}
    assert keys["host"] == host


def test_rotated_credentials_go_before_those_of_the_start_until_the_store_is_another() -> None:
    found = looks.look(looks.STANDARD)
    url = "postgresql://logger_b:new@pg.databases.svc:5432/logger"
    rotated = secrets.rotated(found, Store.POSTGRES, {"DATABASE_URL": url})
    given = {"obs-platform": looks.STORES, "obs-connections": values(rotated)}
    moved = {**looks.STORES, "DATABASE_URL": "postgresql://logger:secret@elsewhere:5432/logger"}

    same = looks.look(looks.STANDARD, rotated, given=given)
    other = looks.look(looks.STANDARD, rotated, given={**given, "obs-platform": moved})
    unmarked = looks.look(looks.STANDARD, given=given)

    assert looks.settings_of(same, Store.POSTGRES) == {"DATABASE_URL": "obs-connections/DATABASE_URL"}
    assert looks.settings_of(other, Store.POSTGRES) == {"DATABASE_URL": "obs-platform/DATABASE_URL"}
    assert looks.settings_of(unmarked, Store.POSTGRES) == {"DATABASE_URL": "obs-platform/DATABASE_URL"}


def test_rotated_credentials_of_a_bundled_store_stay_in_the_desired_state() -> None:
    found = looks.look(looks.DEV)
    url = "postgresql://b:new@obs-postgres.default.svc:5432/elasticdash"
    rotated = secrets.rotated(found, Store.POSTGRES, {"DATABASE_URL": url})

    state = looks.plan(looks.DEV, rotated, given={"obs-connections": values(rotated)})

    stores = looks.by_key(state)["Secret", "obs-connections"]
    assert values(stores)["DATABASE_URL"] == url
    assert stores["metadata"]["annotations"] == {"elasticdash.io/rotated": "postgres"}
    assert "CLICKHOUSE_PASSWORD" in values(stores)


def test_secrets_still_to_be_written_count_as_observed() -> None:
    found = bare(looks.DEV, {})

    completed = secrets.completed(found, secrets.generated(found, looks.random_source()))

    settings = connections.of_store(completed, Store.POSTGRES).settings
    assert connections.value_of(completed, settings["DATABASE_URL"])
