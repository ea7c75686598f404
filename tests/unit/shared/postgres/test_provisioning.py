"""Provisioning creates what is missing, keeps what exists, and the given key always works."""

from dataclasses import replace
from typing import Any

import argon2
import pytest
from sqlalchemy import text

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import api_keys, schema
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.provisioning import Provisioning
from elasticdash.shared.security import SecretHasher
from support import metadata

WITH_USER = replace(metadata.ALPHA, user_email="Ann@Example.com", user_name="Ann", user_password="first password")


async def _rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    async with database.reading() as session:
        return [tuple(row) for row in (await session.execute(text(sql))).all()]


async def _key(database: Database, public_key: str) -> api_keys.ApiKey:
    async with database.reading() as session:
        found = await api_keys.find(session, public_key)
    assert found is not None
    return found


@pytest.mark.parametrize("half", [{"public_key": "pk-lf-a"}, {"secret_key": "sk-lf-a"}], ids=["public", "secret"])
async def test_half_a_key_makes_no_key(database: Database, half: dict[str, Any]):
    await metadata.provision(database, Provisioning(**half))

    assert await _rows(database, "SELECT * FROM api_keys") == []


async def test_nothing_given_makes_the_default_organization_and_project(database: Database):
    provisioned = await metadata.provision(database, Provisioning())

    assert provisioned.org_id == "default"
    assert await _rows(database, "SELECT id, name FROM organizations") == [("default", "default")]
    assert await _rows(database, "SELECT id, name, org_id FROM projects") == [("default", "default", "default")]
    assert provisioned.user_id is None


async def test_secret_and_password_are_not_in_the_store(database: Database):
    await metadata.provision(database, replace(WITH_USER, secret_key="sk-lf-canary-secret"))

    kept = [await _rows(database, f"SELECT * FROM {table.name}") for table in schema.METADATA.sorted_tables]
    assert "canary" not in str(kept)
    assert "first password" not in str(kept)
    assert "pk-lf-a" in str(kept)


async def test_user_becomes_owner_with_an_argon2id_password(database: Database):
    await metadata.provision(database, WITH_USER)

    [(email, name, password_hash)] = await _rows(database, "SELECT email, name, password_hash FROM users")
    assert (email, name) == ("ann@example.com", "Ann")
    assert str(password_hash).startswith("$argon2id$v=19$m=19456,t=2,")
    assert argon2.PasswordHasher().verify(str(password_hash), "first password")
    assert await _rows(database, "SELECT org_id, role FROM organization_memberships") == [("org", "OWNER")]


async def test_running_again_changes_nothing(database: Database):
    first = await metadata.provision(database, WITH_USER)
    tables = ("organizations", "projects", "users", "organization_memberships", "api_keys", "audit_logs")
    before = [await _rows(database, f"SELECT * FROM {table}") for table in tables]

    second = await metadata.provision(
        database,
        replace(WITH_USER, org_name="x", project_name="x", retention_days=9, user_name="x", user_password="x"),
    )

    assert second == first
    assert [await _rows(database, f"SELECT * FROM {table}") for table in tables] == before


async def test_every_creation_is_audited(database: Database):
    await metadata.provision(database, WITH_USER)

    entries = await _rows(database, "SELECT actor_type, actor_id, action, resource_type FROM audit_logs")
    assert sorted(str(entry[3]) for entry in entries) == ["apiKey", "membership", "organization", "project", "user"]
    assert {entry[:3] for entry in entries} == {("system", "test", "create")}


async def test_a_key_moves_with_its_project(database: Database):
    await metadata.provision(database, metadata.ALPHA)

    await metadata.provision(database, replace(metadata.ALPHA, project_id="gamma"))

    key = await _key(database, "pk-lf-a")
    assert key.owner == ProjectScope(ProjectId("gamma"))


async def test_a_changed_secret_replaces_the_old_one(database: Database):
    await metadata.provision(database, metadata.ALPHA)

    await metadata.provision(database, replace(metadata.ALPHA, secret_key="sk-lf-new"))

    key = await _key(database, "pk-lf-a")
    assert metadata.HASHER.matches("sk-lf-new", key.secret_hash, key.imported_hash)
    assert not metadata.HASHER.matches("sk-lf-a", key.secret_hash, key.imported_hash)


async def test_the_given_secret_works_after_the_pepper_changed(database: Database):
    await metadata.provision(database, metadata.ALPHA)
    other = SecretHasher("another pepper")

    await metadata.provision(database, metadata.ALPHA, other)

    key = await _key(database, "pk-lf-a")
    assert other.is_current("sk-lf-a", key.secret_hash)
