"""As whom a store's logins are changed, and what lacks for it."""

from typing import Any

import pytest

from elasticdash.operator.naming.stores import Store
from elasticdash.operator.rotation import administrators
from support.operator import looks

ADMIN = {"name": "obs-admin", "key": "URL"}


@pytest.mark.parametrize("spec", [looks.STANDARD, {**looks.DEV, **looks.STANDARD}])
@pytest.mark.parametrize("store", [Store.POSTGRES, Store.CLICKHOUSE, Store.REDIS])
def test_a_store_of_the_platform_needs_to_be_told_its_administrator(spec: dict[str, Any], store: Store) -> None:
    found = looks.look(spec)

    assert administrators.url(found, store) is None
    assert administrators.missing(found, store) == f"spec.stores.{store}.adminRef is not set"


@pytest.mark.parametrize("store", [Store.POSTGRES, Store.CLICKHOUSE])
def test_a_bundled_server_whose_one_login_is_the_products_needs_it_too(store: Store) -> None:
    assert administrators.missing(looks.look(looks.DEV), store) == f"spec.stores.{store}.adminRef is not set"


def test_an_administrator_whose_secret_is_missing_is_named() -> None:
    found = looks.look({**looks.STANDARD, "stores": {"redis": {"adminRef": ADMIN}}})

    assert administrators.url(found, Store.REDIS) is None
    assert administrators.missing(found, Store.REDIS) == "Secret obs-admin has no key URL"


def test_the_bundled_redis_has_one_of_its_own() -> None:
    found = looks.look(looks.DEV)

    password = found.secrets["obs-generated"]["REDIS_PASSWORD"]
    assert administrators.url(found, Store.REDIS) == f"redis://default:{password}@obs-redis.default.svc:6379/0"
    assert administrators.missing(found, Store.REDIS) == ""


def test_the_one_of_the_spec_goes_before_it() -> None:
    spec = {**looks.DEV, "stores": {"redis": {"adminRef": ADMIN}}}

    found = looks.look(spec, given={"obs-admin": {"URL": "redis://admin:a@elsewhere"}})

    assert administrators.url(found, Store.REDIS) == "redis://admin:a@elsewhere"
