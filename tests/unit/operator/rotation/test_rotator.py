"""Rotations in a small cluster: killed anywhere, in any order of events, nobody is locked out and all end."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from elasticdash.operator.api.enums import RotationClass
from elasticdash.operator.naming import labels
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.rotation import record
from elasticdash.operator.rotation.keyrings import KEYRINGS
from support.operator.rotation_world import KilledError, World, finish

STORE_CLASSES = [RotationClass.POSTGRES, RotationClass.CLICKHOUSE, RotationClass.REDIS]
EVENTS = ["look", "look", "kill", "roll", "roll", "rows", "use", "minutes", "hours"]


def world_asking_for(*classes: RotationClass) -> World:
    world = World()
    world.annotations[labels.ROTATE] = ",".join(f"{each.value}/1" for each in classes)
    return world


async def happen(world: World, event: str, size: int) -> None:
    """One event; whatever it is, nobody may be locked out after it."""
    match event:
        case "look":
            await world.look()
        case "kill":
            world.budget = size
            with contextlib.suppress(KilledError):
                await world.look()
            world.budget = 10_000
        case "roll":
            world.roll_one()
        case "rows":
            world.write_rows()
        case "use":
            world.use_rows()
        case "minutes":
            world.now += timedelta(minutes=size)
        case _:
            world.now += timedelta(hours=size)
    world.check()


def assert_rotated(world: World, before: World, rotation_class: RotationClass) -> None:
    """The old credential is gone and the new one in use."""
    if rotation_class in KEYRINGS:
        ring = KEYRINGS[rotation_class]
        assert world.values["obs-generated"][ring.current] != before.values["obs-generated"][ring.current]
        assert ring.accepted not in world.values["obs-generated"]
    elif rotation_class is RotationClass.PROJECT_KEYS:
        assert set(world.keys) == {world.values["obs-keys"]["publicKey"]} != set(before.keys)
    else:
        store = Store(rotation_class.value)
        assert len(world.accepted[store]) == 1
        assert world.accepted[store] != before.accepted[store]
    [status] = [each for each in world.statuses if each.rotation_class is rotation_class]
    assert status.phase == "Done"


@pytest.mark.parametrize("rotation_class", list(RotationClass))
async def test_every_class_comes_to_its_end(rotation_class: RotationClass):
    before, world = World(), world_asking_for(rotation_class)

    await finish(world, 30)
    world.now += timedelta(hours=25)
    await finish(world, 10)

    assert_rotated(world, before, rotation_class)
    kept = record.read(world.values["obs-rotation"], rotation_class)
    assert (kept.following, kept.previous) == ("", "")


async def test_all_at_once_go_one_after_another():
    before, world = World(), world_asking_for(*RotationClass)

    await finish(world, 80)
    world.now += timedelta(hours=25)
    await finish(world, 20)

    for rotation_class in RotationClass:
        assert_rotated(world, before, rotation_class)


async def test_what_was_asked_once_is_done_once():
    world = world_asking_for(RotationClass.REDIS)
    await finish(world, 20)
    once = world.accepted[Store.REDIS]

    await finish(world, 20)

    assert world.accepted[Store.REDIS] == once


async def test_the_old_login_stays_while_a_session_uses_it():
    world = world_asking_for(RotationClass.POSTGRES)
    stranger = world.pods[0]
    await finish(world, 3)
    world.pods.append(stranger)
    # It is of no component, so only the store knows of it.
    world.pods[-1] = type(stranger)("other", stranger.config_hash, stranger.logins, stranger.rings)
    world.templates["other"] = stranger.config_hash
    world.accepted[Store.POSTGRES] |= {stranger.logins[Store.POSTGRES]}
    was_revoked = stranger.logins[Store.POSTGRES] not in world.accepted[Store.POSTGRES]

    for _ in range(40):
        await world.look()
        world.now += timedelta(minutes=1)

    assert not was_revoked
    assert stranger.logins[Store.POSTGRES] in world.accepted[Store.POSTGRES]


async def test_pods_that_do_not_become_ready_bring_the_old_login_back():
    world = world_asking_for(RotationClass.REDIS)
    old = world.pods[0].logins[Store.REDIS]
    for _ in range(25):
        await world.look()
        world.now += timedelta(minutes=1)

    [status] = [each for each in world.statuses if each.rotation_class is RotationClass.REDIS]
    assert status.phase == "Blocked"
    assert "did not become ready" in (status.message or "")
    assert world.values["obs-connections"]["REDIS_CONNECTION_STRING"].startswith("rediss://:secret@")
    assert old in world.accepted[Store.REDIS]

    world.annotations[labels.ROTATE] = "redis/2"
    await finish(world, 20)

    assert old not in world.accepted[Store.REDIS]


async def test_nothing_is_begun_during_a_migration():
    world = world_asking_for(RotationClass.REDIS)
    world.children["Job", "obs-migrate-postgres-1"] = {
        "kind": "Job",
        "metadata": {"name": "obs-migrate-postgres-1", "annotations": {labels.MIGRATION_IDENTITY: "1"}},
        "status": {"active": 1},
    }

    await finish(world, 5)
    [status] = world.statuses
    del world.children["Job", "obs-migrate-postgres-1"]

    assert (status.phase, status.message) == ("Preparing", "Waits for the migration obs-migrate-postgres-1")
    assert "obs-rotation" not in world.values


async def test_a_class_that_cannot_be_rotated_says_why():
    world = world_asking_for(RotationClass.POSTGRES)
    del world.values["obs-admin"]["POSTGRES"]

    await world.look()

    [status] = world.statuses
    assert (status.phase, status.message) == ("Blocked", "Secret obs-admin has no key POSTGRES")


@pytest.mark.parametrize("rotation_class", list(RotationClass))
@pytest.mark.parametrize("calls", range(8))
async def test_killed_after_any_number_of_calls_it_goes_on(rotation_class: RotationClass, calls: int):
    before, world = World(), world_asking_for(rotation_class)
    for _ in range(12):
        await happen(world, "kill", calls)
        for _ in range(5):
            await happen(world, "roll", 0)
        await happen(world, "rows", 0)
        await happen(world, "minutes", 1)

    await finish(world, 30)
    world.now += timedelta(hours=25)
    await finish(world, 10)

    assert_rotated(world, before, rotation_class)


@given(
    st.lists(st.sampled_from(list(RotationClass)), min_size=1, max_size=3, unique=True),
    st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 12)), max_size=60),
)
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.generate))
async def test_in_any_order_of_events_nobody_is_locked_out(classes: list[RotationClass], events: list[tuple[str, int]]):
    before, world = World(), world_asking_for(*classes)

    for event, size in events:
        await happen(world, event, size)
    # Whatever was given up for being slow is asked for again.
    world.annotations[labels.ROTATE] = ",".join(f"{each.value}/2" for each in classes)
    for _ in range(3):
        await finish(world, 60)
        world.now += timedelta(hours=25)

    for rotation_class in classes:
        assert_rotated(world, before, rotation_class)
