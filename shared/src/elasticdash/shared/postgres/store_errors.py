"""What an error of the metadata store means to whoever asked for something."""

from typing import Any, cast

import asyncpg
from sqlalchemy import exc

from elasticdash.shared import errors

# Everything a session may raise about the store; what else comes out of a block is the caller's own.
FROM_STORE = (exc.DBAPIError, exc.TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RuntimeError)
# How uvloop says that a connection closed before it was written to.
_CLOSED_TRANSPORT = "the handler is closed"

# SQLSTATE classes and codes. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
_RETRY_CLASSES = (
    "08",  # connection
    "28",  # credentials: changed while running
    "3D",  # no such database
    "3F",  # no such schema
    "53",  # out of connections, memory, disk
    "57",  # cancelled by a time-out, shut down, starting
    "58",  # system
)
_RETRY_CODES = (
    "25006",  # read only: a replica, until it is promoted
    "40001",  # could not serialize
    "40P01",  # deadlock
    "42501",  # not permitted
    "42703",  # no such column: an older schema, until it is migrated
    "42P01",  # no such table: the same
    "55P03",  # lock not available in time
)
_STATEMENT_CLASSES = (
    "0A",  # not supported
    "22",  # data
    "23",  # constraints
    "2B",  # something depends on it
    "42",  # syntax, unknown or doubled names, privileges
    "54",  # limits
)
_REFUSAL_CLASSES = (
    "22",  # a value no column takes; the driver's own checks have it too
    "54",  # larger or deeper than the store takes
)


def translated(error: Exception) -> errors.ElasticDashError | None:
    """UnavailableError when trying again can help, InvalidRequestError for a value no store takes; None: a bug.

    ConfigurationError when the driver can't even try.
    """
    if isinstance(error, RuntimeError):
        return _unavailable() if _CLOSED_TRANSPORT in str(error) else None
    code = sqlstate(error)
    if code is not None:
        if code[:2] in _RETRY_CLASSES or code in _RETRY_CODES:
            return _unavailable()
        return _refused() if code[:2] in _REFUSAL_CLASSES else None
    source = error.orig.__cause__ if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    if isinstance(source, asyncpg.exceptions.ClientConfigurationError):
        return errors.ConfigurationError(f"DATABASE_URL: {source}")
    if isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.NotSupportedError):
        return None
    is_connection_lost = isinstance(
        error,
        exc.OperationalError | exc.InterfaceError | exc.TimeoutError | asyncpg.InterfaceError | OSError,
    ) or (isinstance(error, exc.DBAPIError) and error.connection_invalidated)
    return _unavailable() if is_connection_lost else None


def is_of_statement(error: exc.DBAPIError) -> bool:
    """Whether the server refused the statement itself, so that it fails again until something is mended."""
    return (sqlstate(error) or "")[:2] in _STATEMENT_CLASSES


def sqlstate(error: BaseException) -> str | None:
    """Postgres' code of an error, wrapped or not; None when it doesn't come from the server."""
    source: Any = error.orig if isinstance(error, exc.DBAPIError) else error
    return cast("str | None", getattr(source, "sqlstate", None))


def _unavailable() -> errors.UnavailableError:
    return errors.UnavailableError("The metadata store can't answer now")


def _refused() -> errors.InvalidRequestError:
    return errors.InvalidRequestError("The request holds a value the metadata store can't take")
