"""What the ElasticDash Backend may do in ClickHouse: a user, a role and a settings profile of its own.

It reads traces and observations by name and writes four of their columns, with statements that have no FINAL, no time
bounds and no caps. The profile makes them see one row per entity, update cheaply and never starve ingestion; anything
else is refused by ClickHouse.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
# Table → columns that it may update; it may read all.
_UPDATABLE = {"traces": ("metadata", "is_deleted"), "observations": ("input", "output")}


@dataclass(frozen=True, slots=True)
class BackendLimits:
    """What one statement of the Backend, and all of them together, may cost."""

    max_memory_bytes: int = 2 * 1024**3
    max_execution_seconds: int = 60
    max_threads: int = 2
    max_concurrent_statements: int = 20


@dataclass(frozen=True, slots=True)
class BackendUser:
    """The user to create, for the tables of one database. Role and profile are named after it."""

    name: str
    password: str = field(repr=False)
    database: str = "default"
    limits: BackendLimits = BackendLimits()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not self.password:
            raise errors.ConfigurationError(
                f"The Backend's ClickHouse user {self.name!r} needs a name of letters, digits, _ and -, and a password"
            )


def statements(user: BackendUser, cluster: str | None = None) -> Sequence[str]:
    """Statements that create the user or bring it up to date, in their order; each can be run again at any time."""
    name, role, profile = f"`{user.name}`", f"`{user.name}_role`", f"`{user.name}_profile`"
    on_cluster = f" ON CLUSTER `{cluster}`" if cluster else ""
    password = f"IDENTIFIED WITH sha256_hash BY '{hashlib.sha256(user.password.encode()).hexdigest()}'"
    grants = [
        f"GRANT{on_cluster} SELECT, ALTER UPDATE({', '.join(columns)}) ON `{user.database}`.{table} TO {role}"
        for table, columns in _UPDATABLE.items()
    ]
    # Created first and altered then: replacing one would cut it off from those that refer to it.
    return [
        f"CREATE SETTINGS PROFILE IF NOT EXISTS {profile}{on_cluster}",
        f"ALTER SETTINGS PROFILE {profile}{on_cluster} SETTINGS {_profile(user.limits)}",
        f"CREATE ROLE IF NOT EXISTS {role}{on_cluster}",
        *grants,
        f"CREATE USER IF NOT EXISTS {name}{on_cluster} {password}",
        f"ALTER USER {name}{on_cluster} {password} SETTINGS PROFILE {profile}",
        f"GRANT{on_cluster} {role} TO {name}",
        f"ALTER USER {name}{on_cluster} DEFAULT ROLE {role}",
    ]


async def ensure(clickhouse: ClickHouse, user: BackendUser, cluster: str | None = None) -> None:
    """Create the user or bring it up to date; StoreMismatchError when our own user may not manage access."""
    for statement in statements(user, cluster):
        await clickhouse.execute(SystemStatement("backend_access", statement))


def _profile(limits: BackendLimits) -> str:
    capped = {
        "max_memory_usage": limits.max_memory_bytes,
        "max_execution_time": limits.max_execution_seconds,
        "max_threads": limits.max_threads,
        "max_concurrent_queries_for_user": limits.max_concurrent_statements,
    }
    # One row per entity; updates as patch parts instead of rewritten ones, seen once they return.
    chosen = {"final": "1", "alter_update_mode": "'lightweight'", "mutations_sync": "1"}
    return ", ".join(
        [f"{name} = {value}" for name, value in chosen.items()]
        + [f"{name} = {value} MAX {value}" for name, value in capped.items()]
    )
