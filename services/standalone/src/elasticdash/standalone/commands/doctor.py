"""`elasticdash doctor`: looks at every store the settings name and says what is in the way."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from elasticdash.shared import errors
from elasticdash.shared.settings import model, reading
from elasticdash.shared.settings.blob_store import BlobStoreSettings
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.shared.settings.database import DatabaseSettings
from elasticdash.shared.settings.group import SettingsGroup
from elasticdash.shared.settings.media import MediaSettings
from elasticdash.shared.settings.redis import RedisSettings
from elasticdash.shared.telemetry import logs
from elasticdash.standalone import container_report
from elasticdash.standalone.doctor import (
    bucket_checks,
    clickhouse_checks,
    examination,
    findings,
    postgres_checks,
    redis_checks,
)
from elasticdash.standalone.doctor.examination import Check, Opened
from elasticdash.standalone.doctor.findings import Finding

Group = TypeVar("Group", bound=SettingsGroup)

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
_SETTINGS_REMEDY = "Set what is named; docs/guides/settings.md lists every variable"
# What a driver says of a failure may be long, and the report is to name every failure.
_REPORTED_CHARACTERS = 300
_CONSOLE_INDENT = " " * 5


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as one line of JSON on stdout.")] = False,
    before_migration: Annotated[
        bool, typer.Option("--before-migration", help="Leave the schemas to `elasticdash migrate`.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write what failed to this file as JSON too, in at most 4 kB.", dir_okay=False)
    ] = None,
) -> None:
    """Check the settings, Postgres, ClickHouse, Redis and the buckets, and say what to do.

    Looks whether each store is reached, new enough, permitted, migrated, has room, and goes by the same clock. Makes
    and removes a table, a stream and an object of its own. Exit code 1 when something failed, 0 otherwise.
    """
    # What libraries would log of a failure stands in the report.
    logs.configure("doctor", "error", "console")
    found = [_of_settings(), *asyncio.run(examination.examine(_stores()))]
    if before_migration:
        found = [finding for finding in found if finding.check != "schema"]
    outcome = findings.worst(found)
    if as_json:
        sys.stdout.write(json.dumps({"outcome": outcome, "findings": [asdict(each) for each in found]}) + "\n")
    else:
        _print(found)
    if report is not None:
        failed = [
            {**asdict(each), "message": each.message[:_REPORTED_CHARACTERS]} for each in found if each.level == "fail"
        ]
        container_report.write(report, {"outcome": outcome, "findings": failed})
    if outcome == "fail":
        raise typer.Exit(1)


def _of_settings() -> Finding:
    try:
        reading.check_complete(*model.groups())
    except errors.ConfigurationError as error:
        return Finding("settings", "complete", "fail", str(error), _SETTINGS_REMEDY)
    return Finding("settings", "complete", "ok", "everything needed is set", "")


def _stores() -> Mapping[str, Opened]:
    """How each store's checks are opened; its settings are read then, so that a wrong one stops no other store."""
    return {
        "postgres": _reading(
            DatabaseSettings,
            lambda settings: postgres_checks.opened(settings, ClickHouseSettings().migrations_dir / "postgres"),
        ),
        "clickhouse": _reading(ClickHouseSettings, clickhouse_checks.opened),
        "redis": _reading(RedisSettings, redis_checks.opened),
        "bucket": _reading(BlobStoreSettings, bucket_checks.opened),
        "media": _reading(MediaSettings, bucket_checks.opened_media),
    }


def _reading(group: type[Group], opened: Callable[[Group], AbstractAsyncContextManager[Sequence[Check]]]) -> Opened:
    def read_and_open() -> AbstractAsyncContextManager[Sequence[Check]]:
        reading.check_complete(group)
        return opened(group())

    return read_and_open


def _print(found: Sequence[Finding]) -> None:
    console = Console()
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    for finding in found:
        console.print(f"{finding.level:4} ", style=_COLOURS[finding.level], end="")
        say(f"{finding.store} {finding.check}: {finding.message}")
        if finding.remedy:
            say(f"{_CONSOLE_INDENT}{finding.remedy}")
