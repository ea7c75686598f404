"""`elasticdash keys` on a real Postgres: refused without keys, killed half-way, then done."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.keyrings import EncryptionKeys
from elasticdash.shared.postgres import engine, llm_connections, schema
from elasticdash.shared.postgres.llm_connections import LlmConnectionFields
from support import metadata
from support.servers.postgres import Databases

OLD, NEW, LOST = "old key of the tests", "new key of the tests", "lost key of the tests"
SCOPE = ProjectScope(ProjectId("alpha"))
STARTED_WITHIN_SECONDS = 90
COMMAND = str(Path(sys.executable).with_name("elasticdash"))


async def filled(postgres: Databases, keys: EncryptionKeys, count: int) -> str:
    """The URL of a store with connections under a key."""
    url = postgres.create()
    database = engine.create_database(url)
    try:
        await schema.upgrade(database, metadata.MIGRATIONS)
        await metadata.provision(database, metadata.ALPHA)
        async with database.writing() as session:
            for number in range(count):
                await llm_connections.save(session, SCOPE, keys, fields(number), metadata.change())
    finally:
        await database.close()
    return url


def fields(number: int) -> LlmConnectionFields:
    return LlmConnectionFields(
        provider=f"p{number:04}",
        adapter="openai",
        secret_key=f"secret {number}",
        base_url=None,
        custom_models=[],
        with_default_models=True,
        extra_headers={"X": f"header {number}"},
        config=None,
    )


def run(url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command with exactly this environment."""
    variables = {"PATH": "/usr/bin:/bin", "DATABASE_URL": url, "SALT": "salt of the tests", **environment}
    return subprocess.run(
        [COMMAND, "keys", *arguments], env=variables, capture_output=True, text=True, timeout=60, check=False
    )


async def test_without_a_key_it_is_refused(postgres: Databases):
    done = run(await filled(postgres, EncryptionKeys([OLD]), 1), "reencrypt")

    assert done.returncode == 1
    assert "ENCRYPTION_KEY is not set" in done.stderr


async def test_what_no_given_key_opens_is_left_and_told(postgres: Databases):
    url = await filled(postgres, EncryptionKeys([LOST]), 3)

    done = run(url, "reencrypt", ENCRYPTION_KEY=NEW, ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS=OLD)

    assert done.returncode == 16
    assert "3 secrets are under keys that are not given" in done.stderr


@pytest.mark.slow
async def test_killed_half_way_it_goes_on(postgres: Databases):
    url = await filled(postgres, EncryptionKeys([OLD]), 300)
    variables = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": url,
        "ENCRYPTION_KEY": NEW,
        "ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS": f"{OLD}, {LOST}",
    }
    process = subprocess.Popen([COMMAND, "keys", "reencrypt", "--batch", "1"], env=variables)
    database = engine.create_database(url)
    counts: Mapping[str, int] = {}
    try:
        deadline = time.monotonic() + STARTED_WITHIN_SECONDS
        while len(counts) < 2 and process.poll() is None and time.monotonic() < deadline:
            async with database.reading() as session:
                counts = await llm_connections.count_by_key(session)
        process.kill()
        process.wait(timeout=30)
        was_half_way = len(counts)

        done = run(url, "reencrypt", ENCRYPTION_KEY=NEW, ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS=OLD)
        status = json.loads(run(url, "status", ENCRYPTION_KEY=NEW).stdout)
        async with database.reading() as session:
            secrets = [
                await llm_connections.read_secrets(session, SCOPE, EncryptionKeys([NEW]), f"p{number:04}")
                for number in (0, 299)
            ]
    finally:
        await database.close()

    assert was_half_way == 2
    assert done.returncode == 0
    assert status["encryption"] == {
        "current_id": EncryptionKeys([NEW]).current_id,
        "current_rows": 300,
        "other_rows": 0,
    }
    assert [found.secret_key for found in secrets if found] == ["secret 0", "secret 299"]
