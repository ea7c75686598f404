"""Every error the Logger raises on purpose. This module knows no HTTP; web maps classes to statuses.

ElasticDashError
├── InvalidRequestError        what the client sent breaks a rule
│   └── PayloadTooLargeError   … by its size
├── AuthenticationError        who is asking is not known
├── AccessDeniedError          … is known and may not
├── TooManyAttemptsError       … tries too often to become known
├── NotFoundError
├── ConflictError
├── UnavailableError           a store can't answer now; try again
│   └── OverloadedError        … because there is too much to do
├── QueryTooHeavyError         a statement went past its time, memory or row limit
├── StoreMismatchError         a store's schema or rights are not what this version needs
└── ConfigurationError         the Logger can't start as it is set up
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ElasticDashError(Exception):
    """Base of all errors raised on purpose; `str()` of it is safe to show to the caller."""


@dataclass(frozen=True, slots=True)
class FieldIssue:
    """One broken rule: where (path of keys and indexes) and which."""

    path: tuple[str | int, ...]
    message: str


class InvalidRequestError(ElasticDashError):
    """The request breaks a rule; `issues` names each field and its rule (may be empty)."""

    def __init__(self, message: str, issues: Sequence[FieldIssue] = ()) -> None:
        super().__init__(message)
        self.issues = tuple(issues)


class PayloadTooLargeError(InvalidRequestError):
    """A body, a list or a nesting is over its limit."""


class AuthenticationError(ElasticDashError):
    """No valid credentials."""


class AccessDeniedError(ElasticDashError):
    """Valid credentials that do not reach this operation."""


class TooManyAttemptsError(ElasticDashError):
    """Too many failed attempts; `retry_after_seconds` says when the next one counts."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Too many failed attempts. Try again in {retry_after_seconds} s.")
        self.retry_after_seconds = retry_after_seconds


class NotFoundError(ElasticDashError):
    """Nothing with this id in the caller's project."""


class ConflictError(ElasticDashError):
    """The thing to be created exists, or changed meanwhile."""


class UnavailableError(ElasticDashError):
    """A store can't answer now; the caller should try again after `retry_after_seconds`."""

    def __init__(self, message: str, retry_after_seconds: int = 5) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class OverloadedError(UnavailableError):
    """Accepting more would break a bound; the caller should try again later."""


class QueryTooHeavyError(ElasticDashError):
    """A statement exceeded its limit of time, memory or rows; a smaller one may pass."""


class StoreMismatchError(ElasticDashError):
    """The store lacks a table, a column, a setting or a right: an operator must act, no data is at fault."""


class ConfigurationError(ElasticDashError):
    """The Logger can't start as it is set up; the message names the setting and the remedy."""
