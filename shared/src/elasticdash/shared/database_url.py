"""Reads DATABASE_URL in the forms people have: libpq's, Prisma's and SQLAlchemy's."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from elasticdash.shared import errors

_SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2")
# What the driver takes under the same name and meaning.
_TLS = ("mode", "cert", "key", "rootcert", "crl", "password", "negotiation")
_OF_DRIVER = frozenset(
    {
        *("host", "port", "passfile", "service", "target_session_attrs", "krbsrvname", "gsslib"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version"),
        *(f"ssl{name}" for name in _TLS),
    }
)
_OF_SERVER = frozenset({"application_name", "options"})
_NUMBERS = frozenset({"connection_limit", "pool_timeout", "connect_timeout"})
_OF_PRISMA = _NUMBERS | {"schema", "pgbouncer", "sslaccept"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrl:
    """One Postgres database. `dsn` is what the driver takes; `location` may be shown, it has no password.

    The numbers are None where the URL says nothing. `has_session` is False behind a pooler that gives every
    transaction another session (`pgbouncer=true`).
    """

    dsn: str = field(repr=False)
    location: str
    schema: str | None = None
    server_settings: Mapping[str, str] = field(default_factory=dict[str, str])
    has_session: bool = True
    max_connections: int | None = None
    max_wait_seconds: int | None = None
    connect_timeout_seconds: int | None = None


def is_postgres(url: str) -> bool:
    """Whether a URL names a Postgres database."""
    return url.partition("://")[0] in _SCHEMES


def parse(url: str) -> DatabaseUrl:
    """The parts of a URL. ConfigurationError says what to change; it never holds the password."""
    parts = _split(url)
    user_info, _, hosts = parts.netloc.rpartition("@")
    user, has_password, password = user_info.partition(":")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    _check_names(query)
    credentials = _requoted(user) + (f":{_requoted(password)}" if has_password else "")
    at = "@" if user_info else ""
    numbers = {name: _positive(name, query[name]) for name in _NUMBERS if name in query}
    return DatabaseUrl(
        dsn=f"postgresql://{credentials}{at}{hosts}{parts.path}?{urlencode(_driver_query(query))}",
        location=f"{hosts or query.get('host', 'localhost')}{parts.path}",
        schema=query.get("schema") or None,
        server_settings={name: value for name, value in query.items() if name in _OF_SERVER},
        has_session=query.get("pgbouncer", "false").lower() not in ("true", "1"),
        max_connections=numbers.get("connection_limit"),
        max_wait_seconds=numbers.get("pool_timeout"),
        connect_timeout_seconds=numbers.get("connect_timeout"),
    )


def assembled(*, host: str, username: str, password: str, name: str, arguments: str = "") -> str:
    """A URL from its parts, as `DATABASE_HOST` and its siblings give them; `arguments` is the query."""
    credentials = f"{quote(username, safe='')}:{quote(password, safe='')}"
    query = f"?{arguments.removeprefix('?')}" if arguments else ""
    return f"postgresql://{credentials}@{host}/{quote(name, safe='')}{query}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise errors.ConfigurationError("DATABASE_URL is not a URL: percent-encode its user and password") from error
    if parts.scheme not in _SCHEMES:
        raise errors.ConfigurationError("DATABASE_URL must start with postgresql:// or postgres://")
    cut_off = "@" in parts.path + parts.query and "@" not in parts.netloc
    if parts.fragment or cut_off:
        raise errors.ConfigurationError(
            "DATABASE_URL holds '#', '/' or '?' in its user or password: percent-encode them (%23, %2F, %3F)"
        )
    if not parts.path.strip("/"):
        raise errors.ConfigurationError("DATABASE_URL names no database: end it with /name")
    return parts


def _check_names(query: Mapping[str, str]) -> None:
    unknown = sorted(query.keys() - _OF_DRIVER - _OF_SERVER - _OF_PRISMA)
    if unknown:
        raise errors.ConfigurationError(f"DATABASE_URL has parameters that can't be honoured: {', '.join(unknown)}")


def _driver_query(query: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in query.items() if name in _OF_DRIVER}
    if query.get("sslaccept") == "strict" and kept.get("sslmode", "") in ("", "prefer", "require"):
        kept["sslmode"] = "verify-full"
    # The driver wants a file of its own where everyone else trusts the system's authorities.
    if kept.get("sslmode", "").startswith("verify-") and kept.get("sslrootcert", "system") == "system":
        authorities = ssl.get_default_verify_paths().cafile
        if authorities:
            kept["sslrootcert"] = authorities
    return kept


def _positive(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise errors.ConfigurationError(f"DATABASE_URL: {name} must be a whole number above 0, not {value!r}")
    return int(value)


def _requoted(text: str) -> str:
    # Encoded once, however it came: '@' and ':' are often left as they are.
    return quote(unquote(text), safe="")
