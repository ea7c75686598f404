"""Runs checks of stores side by side, each within its time, so that one store's trouble never hides another's."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from elasticdash.shared import errors
from elasticdash.standalone.doctor.findings import Finding, Judgement

# Longer than every time-out of the stores' clients, whose messages say more.
_CHECK_SECONDS = 15.0
# A crowded machine may take longer for a first connection than clients wait; what is wrong stays so.
_TRIES = 3
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """Looks at one thing. `remedy` is what to do when that fails with an error of ours.

    When the check that the others are built on fails, they are left out.
    """

    name: str
    look: Callable[[], Awaitable[Judgement]]
    remedy: str
    is_base: bool = False


# Opens a store and gives its checks in their order, until the block ends.
Opened = Callable[[], AbstractAsyncContextManager[Sequence[Check]]]


async def examine(stores: Mapping[str, Opened]) -> Sequence[Finding]:
    """All findings, store by store in the given order."""
    found = await asyncio.gather(*(_examine(name, opened) for name, opened in stores.items()))
    return [finding for findings in found for finding in findings]


async def _examine(store: str, opened: Opened) -> Sequence[Finding]:
    found: list[Finding] = []
    try:
        async with opened() as checks:
            for check in checks:
                judgement, goes_on = await _look(check)
                found.append(Finding(store, check.name, judgement.level, judgement.message, judgement.remedy))
                if not goes_on:
                    break
    except errors.ConfigurationError as error:
        found.append(Finding(store, "settings", "fail", str(error), "Mend the setting"))
    return found


async def _look(check: Check) -> tuple[Judgement, bool]:
    """What was found, and whether looking on makes sense."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await (_first(check) if check.is_base else check.look()), True
    except TimeoutError:
        return Judgement("fail", f"no answer in {_CHECK_SECONDS:g} s", check.remedy), False
    except errors.ElasticDashError as error:
        return Judgement("fail", str(error), check.remedy), not check.is_base


async def _first(check: Check) -> Judgement:
    """What the check that opens a connection found, tried again while the store can't answer."""
    for _ in range(_TRIES - 1):
        try:
            return await check.look()
        except errors.UnavailableError:
            await asyncio.sleep(_PAUSE_SECONDS)
    return await check.look()
