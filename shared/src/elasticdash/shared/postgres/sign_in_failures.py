"""How often signing in failed, and how long to wait then: kept in the store, so that a restart clears nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.postgres.models.sign_in_failures import SignInFailureRow

_FREE_FAILURES_OF_PAIR = 5
# One account may be tried from many addresses, and one address may be an office.
_FREE_FAILURES_ALONE = 50
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries to sign in from where; `address` is the client's network address."""

    email: str
    address: str

    @property
    def account(self) -> str:
        """What is cleared when the account's own password is given."""
        return _subject("account", self.email)

    @property
    def pair(self) -> str:
        """The account as tried from this address."""
        return _subject("pair", self.email, self.address)

    def free_failures(self) -> Mapping[str, int]:
        """How many failures each subject of the attempt has before it must wait."""
        return {
            self.pair: _FREE_FAILURES_OF_PAIR,
            self.account: _FREE_FAILURES_ALONE,
            _subject("address", self.address): _FREE_FAILURES_ALONE,
        }


async def begin(session: AsyncSession, attempt: Attempt, now: datetime) -> timedelta:
    """Count an attempt as failed before it is checked, so that parallel ones can't outrun the count.

    Returns how long the caller must wait; nothing is counted then. Zero: go on.
    """
    free = attempt.free_failures()
    await _forget_old(session, now)
    await _ensure_rows(session, sorted(free), now)
    # Locked in one order, so that attempts wait for each other instead of deadlocking.
    statement = (
        select(SignInFailureRow)
        .where(SignInFailureRow.subject.in_(free))
        .order_by(SignInFailureRow.subject)
        .with_for_update()
    )
    rows = (await session.scalars(statement)).all()
    wait = max(_wait(row.failures, free[row.subject]) - (now - row.last_failed_at) for row in rows)
    if wait > timedelta(0):
        return wait
    for row in rows:
        row.failures, row.last_failed_at = row.failures + 1, now
    await session.flush()
    return timedelta(0)


async def forgive(session: AsyncSession, attempt: Attempt) -> None:
    """The password was right: the account starts anew. The address keeps its count, as it may try other accounts."""
    await session.execute(delete(SignInFailureRow).where(SignInFailureRow.subject.in_([attempt.account, attempt.pair])))


async def _forget_old(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(SignInFailureRow).where(SignInFailureRow.last_failed_at < now - _FORGOTTEN_AFTER))


async def _ensure_rows(session: AsyncSession, subjects: Sequence[str], now: datetime) -> None:
    rows = [{"subject": subject, "failures": 0, "last_failed_at": now} for subject in subjects]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    await session.execute(dialect.insert(SignInFailureRow).values(rows).on_conflict_do_nothing())


def _wait(failures: int, free: int) -> timedelta:
    """From the last failure on: none at first, then a minute that doubles up to an hour."""
    if failures < free:
        return timedelta(0)
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - free, 10))


def _subject(kind: str, *parts: str) -> str:
    # Hashed: what somebody typed into the form may be anything, even their password.
    return f"{kind}:{hashlib.sha256(chr(0).join(parts).encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
