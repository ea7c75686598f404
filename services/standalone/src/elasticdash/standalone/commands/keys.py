"""`elasticdash keys`: which keys kept secrets are under, and encrypting them with the newest one."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from elasticdash.shared import errors
from elasticdash.shared.keyrings import EncryptionKeys
from elasticdash.shared.postgres import key_use, llm_connections
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.key_use import KeyUse
from elasticdash.shared.settings.model import Settings
from elasticdash.standalone import distributed

app = typer.Typer(no_args_is_help=True, help="Which keys kept secrets are under, and encrypting them anew.")

LEFT_EXIT_CODE = 16
console = Console(stderr=True)


@app.command()
def status() -> None:
    """Print as JSON how many kept secrets are under the newest key of each kind, and how many under others.

    Reads DATABASE_URL, SALT, NEXTAUTH_SECRET and ENCRYPTION_KEY.
    """
    sys.stdout.write(json.dumps({name: asdict(use) for name, use in asyncio.run(_status()).items()}) + "\n")


@app.command()
def reencrypt(
    batch: Annotated[int, typer.Option(help="Rows of one transaction.", min=1, max=10_000)] = 100,
) -> None:
    """Encrypt every kept secret with ENCRYPTION_KEY. Can be killed at any point and run again, also beside itself.

    ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS holds the older keys. Exit code 0: nothing is left under another key;
    16: something is, because no key given opens it.
    """
    left = asyncio.run(_reencrypt(batch))
    if left:
        console.print(f"{left} secrets are under keys that are not given: see ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS")
        raise typer.Exit(LEFT_EXIT_CODE)


async def _status() -> Mapping[str, KeyUse]:
    settings = Settings()
    if settings.security.salt is None:
        raise errors.ConfigurationError(settings.security.missing()[0])
    database = distributed.open_database(settings.database)
    try:
        async with database.reading() as session:
            return await key_use.read(session, distributed.keys(settings.security), datetime.now(UTC))
    finally:
        await database.close()


async def _reencrypt(batch: int) -> int:
    settings = Settings()
    keys = settings.security.encryption_keys()
    current_id = keys.current_id
    database = distributed.open_database(settings.database)
    try:
        done = await _reencrypt_known(database, keys, batch)
        async with database.reading() as session:
            counts = await llm_connections.count_by_key(session)
    finally:
        await database.close()
    console.print(f"{done} secrets are under the newest key now")
    return sum(count for key_id, count in counts.items() if key_id != current_id)


async def _reencrypt_known(database: Database, keys: EncryptionKeys, batch: int) -> int:
    done = 0
    while True:
        async with database.writing() as session:
            some = await llm_connections.reencrypt_some(session, keys, batch)
        if not some:
            return done
        done += some
