"""Why a migration stopped, in classes that a script and the operator can tell apart."""

from dataclasses import dataclass
from enum import IntEnum

from elasticdash.shared import errors

_SHOWN_CHARACTERS = 600


class FailureClass(IntEnum):
    """The exit code of `elasticdash migrate` for each class."""

    FAILED_STATEMENT = 10
    LOCKED = 11
    UNREACHABLE = 12
    NEWER_SCHEMA = 13
    CHANGED_FILE = 14
    CONFIGURATION = 15
    PENDING = 16

    @property
    def label(self) -> str:
        """The class in lower case."""
        return self.name.lower()

    @property
    def can_be_retried(self) -> bool:
        """Whether the same command may succeed later with nothing changed."""
        return self in (FailureClass.LOCKED, FailureClass.UNREACHABLE)


class MigrationError(errors.ElasticDashError):
    """A migration stopped; what was applied before stays applied, and running it again goes on from there."""

    def __init__(self, failure_class: FailureClass, message: str, *, statement: str = "", hint: str = "") -> None:
        super().__init__(_shortened(message))
        self.failure_class = failure_class
        self.statement = _shortened(statement)
        self.hint = hint


def newer_schema(message: str) -> MigrationError:
    """A store that a newer version has changed."""
    return MigrationError(FailureClass.NEWER_SCHEMA, message, hint="Use the version that made it, or a newer one")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What to tell of any error: its class, its message, the last statement and what to do."""

    failure_class: FailureClass
    message: str
    statement: str
    hint: str


def explain(error: errors.ElasticDashError) -> Explanation:
    """The class of an error of ours, whether a migration raised it or the store it talked to."""
    if isinstance(error, MigrationError):
        return Explanation(error.failure_class, str(error), error.statement, error.hint)
    if isinstance(error, errors.UnavailableError):
        cause = _shortened(f"{error}: {error.__cause__}" if error.__cause__ else str(error))
        return Explanation(
            FailureClass.UNREACHABLE,
            cause,
            "",
            "Check address, credentials and network; `elasticdash doctor` tells",
        )
    if isinstance(error, errors.ConfigurationError):
        return Explanation(FailureClass.CONFIGURATION, str(error), "", "Mend the setting and run the command again")
    return Explanation(FailureClass.FAILED_STATEMENT, _shortened(str(error)), "", "Look at the store's own log")


def _shortened(text: str) -> str:
    # Kubernetes keeps 4096 bytes of what a container says at its end.
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " …"
