"""Names of variables that deployments of Langfuse and ElasticDash set and that mean nothing here."""

import os
import re
from collections.abc import Collection, Mapping, Sequence

import structlog
from pydantic import AliasChoices

from elasticdash.shared.settings import model

log = structlog.get_logger()

_PREFIXES = ("ELASTICDASH_", "LANGFUSE_")
# Read where a client of the Logger runs: `elasticdash demo`, SDKs.
_OF_CLIENTS = frozenset({"PUBLIC_KEY", "SECRET_KEY", "BASE_URL", "HOST", "TRACING_ENVIRONMENT", "RELEASE", "DEBUG"})
_WITHOUT_MEANING = re.compile(
    "|".join(
        (
            "NEXTAUTH_COOKIE_DOMAIN",
            "SHADOW_DATABASE_URL",
            "NEXT_PUBLIC_.+",
            "TELEMETRY_ENABLED",
            "CLICKHOUSE_(MIGRATION_SSL|READ_ONLY_URL|KEEP_ALIVE_IDLE_SOCKET_TTL)",
            "CLICKHOUSE_(ASYNC_INSERT_.+|MAX_BYTES_BEFORE_EXTERNAL_GROUP_BY)",
            "CLICKHOUSE_(LIGHTWEIGHT_DELETE_MODE|UPDATE_PARALLEL_MODE)",
            "REDIS_.+",
            "EMAIL_FROM_ADDRESS",
            "SMTP_CONNECTION_URL",
            "AUTH_.+",
            "QUEUE_CONSUMER_.+_IS_ENABLED",
            "BATCH_(EXPORT|ACTION)_.+",
            "(STRIPE|PLAIN|SENTRY|BETTERSTACK|SLACK)_.+",
            "TEAM_SLACK_WEBHOOK",
            "CLOUD_CRM_EMAIL",
        )
    )
)


def warn_of_ignored() -> None:
    """One warning at a start, with the names of variables that are set and change nothing."""
    names = set_without_meaning()
    if names:
        log.warning("settings_ignored", names=names)


def set_without_meaning() -> Sequence[str]:
    """Variables of this process that change nothing, sorted."""
    return without_meaning(os.environ, _known())


def without_meaning(environment: Mapping[str, str], known: Collection[str]) -> Sequence[str]:
    """Names with a value that the ecosystem knows and we don't use, and unknown ones under our prefixes."""
    return sorted(name for name, value in environment.items() if value and _is_ignored(name, known))


def _known() -> frozenset[str]:
    names: set[str] = set()
    for group in model.groups():
        for field in group.model_fields.values():
            if isinstance(field.validation_alias, AliasChoices):
                names.update(str(choice) for choice in field.validation_alias.choices)
    return frozenset(names)


def _is_ignored(name: str, known: Collection[str]) -> bool:
    if name in known:
        return False
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), None)
    if prefix is not None:
        return name.removeprefix(prefix) not in _OF_CLIENTS
    return _WITHOUT_MEANING.fullmatch(name) is not None
