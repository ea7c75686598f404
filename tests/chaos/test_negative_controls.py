"""T2: a test that can't fail shows nothing. Each of five deliberate bugs must be reported, and only the bug.

Every scenario runs twice: with the product's own parts, when the judge must be content, and with one part broken.
"""

import os
import signal
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

import pytest

from support.chaos import broken
from support.chaos.faults import Fault, Mode, Trap
from support.chaos.figures import Figures
from support.chaos.judge import Fault as Broken
from support.chaos.profile import Profile
from support.chaos.run import Load, Verdict
from support.chaos.world import STEADY_SECONDS, World, running_world
from support.cluster import Shape
from support.servers import clickhouse, stores

SOUND = "none"
LOAD_SECONDS = 3.0
# Longer than a put is tried: a shorter outage costs even a web that does not wait for its puts nothing.
OUTAGE_SECONDS = 8.0
CONTENT_WITHIN_SECONDS = 90.0
# What is lost stays lost: no need to wait long for it.
GIVE_UP_SECONDS = 20.0
TRAP_TIMEOUT_SECONDS = 30.0


def redis_forgets_while_no_worker_runs(world: World, load: Load) -> None:
    """References are queued, then Redis comes back without them."""
    world.cluster.kill("worker0")
    load.start()
    time.sleep(LOAD_SECONDS)
    load.stop()
    world.cluster.kill("redis")
    start(world, "redis")
    start(world, "worker0")


def redis_is_new_and_no_worker_runs(world: World, load: Load) -> None:
    """References are queued before any worker has made the group."""
    world.cluster.kill("worker0")
    world.cluster.kill("redis")
    start(world, "redis")
    load.start()
    time.sleep(LOAD_SECONDS)
    load.stop()
    start(world, "worker0")


def storage_is_down_for_a_while(world: World, load: Load) -> None:
    """Nothing can be stored in the middle of the load."""
    load.start()
    time.sleep(LOAD_SECONDS / 2)
    world.break_store("s3", Fault(Mode.REFUSE))
    time.sleep(OUTAGE_SECONDS)
    world.heal()
    load.stop()


def worker_dies_after_the_mark(world: World, load: Load) -> None:
    """The worker is killed in the moment ClickHouse has confirmed a completion mark; Redis forgets what it held."""
    pid = world.cluster.processes["worker0"].pid
    link = world.links["worker0", "clickhouse"]
    link.set_trap(Trap(b"INSERT INTO `processed_batches`", "after_reply", lambda: os.killpg(pid, signal.SIGKILL)))
    load.start()
    deadline = time.monotonic() + TRAP_TIMEOUT_SECONDS
    while link.is_trap_set and time.monotonic() < deadline:
        time.sleep(0.05)
    load.stop()
    assert not link.is_trap_set, "no completion mark was written"
    world.cluster.kill("worker0")
    # Else another worker gets what was never acknowledged, whatever is marked.
    world.cluster.kill("redis")
    start(world, "redis")
    start(world, "worker0")


def nothing_happens(world: World, load: Load) -> None:
    """Only the load."""
    load.start()
    time.sleep(LOAD_SECONDS)
    load.stop()


@dataclass(frozen=True, slots=True)
class Control:
    """A bug and the scenario that shows it. `base` is what the sound twin runs with: the product, or another bug."""

    bug: str
    scenario: Callable[[World, Load], None]
    base: str = SOUND


CONTROLS = [
    Control("sweeper_off", redis_forgets_while_no_worker_runs),
    Control("group_from_now_on", redis_is_new_and_no_worker_runs, base="sweeper_off"),
    Control("acknowledged_before_the_raw_object", storage_is_down_for_a_while),
    Control("done_before_insert", worker_dies_after_the_mark),
    Control("constant_deduplication_token", nothing_happens),
]


@pytest.fixture(scope="module")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """One web and one worker, so that no sound one does a broken one's work."""
    with running_world(tmp_path_factory.mktemp("small"), Shape(webs=1, workers=1, projects=1)) as running:
        # Off by default; on, as it is for replicated tables, where the token matters.
        wide = "ALTER TABLE observations MODIFY SETTING non_replicated_deduplication_window = 10000"
        clickhouse.execute(running.cluster.stores.clickhouse.url, wide)
        yield running


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("control", CONTROLS, ids=[control.bug for control in CONTROLS])
def test_a_deliberate_bug_is_reported(
    small_world: World, profile: Profile, seed: int, figures: Figures, control: Control
):
    if not profile.has_negative_controls:
        pytest.skip("part of `make chaos`")
    number = CONTROLS.index(control)

    sound = run(small_world, control, control.base, seed + 2 * number, profile, CONTENT_WITHIN_SECONDS)
    with_bug = run(small_world, control, control.bug, seed + 2 * number + 1, profile, GIVE_UP_SECONDS)

    figures.add("T2", f"{control.bug} (broken on purpose)", with_bug)
    # Without a sweeper a slow Redis may cost some references already; a group from now on costs all of them.
    assert control.base != SOUND or not sound.violations, sound.summary
    assert sound.acknowledged > 0, sound.summary
    assert with_bug.counts.get(Broken.LOST, 0) > sound.counts.get(Broken.LOST, 0), with_bug.summary


def run(world: World, control: Control, bug: str, seed: int, profile: Profile, settle_seconds: float) -> Verdict:
    """One scenario on processes with this bug."""
    world.cluster.replace_services(stores.program if bug == SOUND else lambda command: broken.program(command, bug))
    load = world.load(seed, profile.seconds_per_request)
    control.scenario(world, load)
    return load.verdict(settle_seconds, STEADY_SECONDS)


def start(world: World, process: str) -> None:
    """Start a process that was killed, and wait until it is ready."""
    world.cluster.spawn(process)
    world.cluster.wait_until_up(process)
