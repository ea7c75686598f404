"""Which checks are tried again, and which are left out after a failed one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest

from elasticdash.shared import errors
from elasticdash.standalone.doctor import examination, findings
from elasticdash.standalone.doctor.examination import Check
from elasticdash.standalone.doctor.findings import Finding, Judgement


class Store:
    """Fails so many times with this error, then answers."""

    def __init__(self, error: Exception, failures: int) -> None:
        self.error = error
        self.left = failures
        self.asked = 0

    async def look(self) -> Judgement:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise self.error
        return findings.ok("answers")


async def examined(store: Store, *, is_base: bool) -> Sequence[Finding]:
    @asynccontextmanager
    async def opened() -> AsyncGenerator[Sequence[Check]]:
        later = Store(store.error, 0)
        yield [Check("first", store.look, "mend it", is_base=is_base), Check("later", later.look, "mend it")]

    return await examination.examine({"store": opened})


AWAY = errors.UnavailableError("no answer")
WRONG = errors.ConfigurationError("no such place")


@pytest.mark.parametrize(("error", "is_base", "asked"), [(AWAY, True, 3), (AWAY, False, 1), (WRONG, True, 1)])
async def test_only_a_connection_that_is_not_answered_is_tried_again(
    error: Exception, is_base: bool, asked: int
) -> None:
    store = Store(error, 99)

    found = await examined(store, is_base=is_base)

    assert store.asked == asked
    # What is built on a connection says nothing without one.
    assert [(each.check, each.level) for each in found][:1] == [("first", "fail")]
    assert len(found) == (1 if is_base else 2)


async def test_a_connection_that_comes_late_is_one() -> None:
    found = await examined(Store(AWAY, 2), is_base=True)

    assert [(each.check, each.level) for each in found] == [("first", "ok"), ("later", "ok")]
