"""How far a store's schema is, beside what this version of the Logger wants."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from elasticdash.shared import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """Names of migrations, in their order. `unknown` are applied ones this version doesn't have: a newer made them."""

    store: Literal["postgres", "clickhouse"]
    applied: Sequence[str]
    pending: Sequence[str]
    unknown: Sequence[str] = ()
    changed: Sequence[str] = ()

    @property
    def is_current(self) -> bool:
        """Whether this version can run on the store."""
        return not self.pending and not self.unknown and not self.changed

    def explained(self) -> str:
        """One sentence for people."""
        if self.unknown:
            return f"The {self.store} schema is newer than this version: it has {', '.join(self.unknown)}"
        if self.changed:
            return f"Applied {self.store} migrations differ from this version's: {', '.join(self.changed)}"
        if self.pending:
            return f"The {self.store} schema is older than this version: it lacks {', '.join(self.pending)}"
        return f"The {self.store} schema is current"


def require_current(*statuses: StoreStatus) -> None:
    """Nothing when every store fits this version; ConfigurationError says which doesn't and what to do."""
    wrong = [status for status in statuses if not status.is_current]
    if not wrong:
        return
    remedy = (
        "run `elasticdash migrate all` first"
        if all(status.pending and not status.unknown for status in wrong)
        else "use the version of the Logger that made the schema, or a newer one"
    )
    raise errors.ConfigurationError(f"{'; '.join(status.explained() for status in wrong)}: {remedy}")
