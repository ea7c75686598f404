"""Bytes under way: bounded, first come first served, never lost."""

import asyncio

import pytest

from elasticdash.shared.blobs.byte_budget import ByteBudget


async def test_what_does_not_fit_waits_for_a_release():
    budget = ByteBudget(10)
    taken = await budget.take(8)
    second = asyncio.create_task(budget.take(5))
    await asyncio.sleep(0)

    waited = not second.done()
    budget.release(taken)

    assert waited
    assert await second == 5


async def test_a_small_one_does_not_overtake_a_large_one():
    budget = ByteBudget(10)
    taken = await budget.take(8)
    large, small = asyncio.create_task(budget.take(9)), asyncio.create_task(budget.take(1))
    await asyncio.sleep(0)

    budget.release(taken)
    await large

    assert await small == 1


async def test_one_larger_than_the_budget_gets_all_of_it():
    budget = ByteBudget(10)

    assert await budget.take(1000) == 10


@pytest.mark.parametrize("is_admitted", [False, True], ids=["waiting", "just admitted"])
async def test_who_leaves_takes_nothing_along(is_admitted: bool):
    budget = ByteBudget(10)
    taken = await budget.take(10)
    leaving = asyncio.create_task(budget.take(4))
    await asyncio.sleep(0)

    if is_admitted:
        budget.release(taken)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    if not is_admitted:
        budget.release(taken)

    async with asyncio.timeout(5):
        assert await budget.take(10) == 10
