"""T5: a store that is down, slow, silent or cuts its answers off costs a while, and no event."""

import time
from dataclasses import dataclass

import psutil
import pytest

from support.chaos.faults import Fault, Mode
from support.chaos.figures import Figures
from support.chaos.profile import Profile
from support.chaos.world import STEADY_SECONDS, World

HEALED_WITHIN_SECONDS = 60.0
# Of all web and worker processes together, over what they use under the same load without a fault.
MOST_GROWTH_BYTES = 200_000_000
WARM_SECONDS = 2.0
SAMPLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Outage:
    """One store with one fault."""

    store: str
    name: str
    fault: Fault


FAULTS = {
    "down": Fault(Mode.REFUSE),
    "blackholed": Fault(Mode.BLACKHOLE),
    "cut after reply": Fault(Mode.CUT_REPLY),
    "slow": Fault(latency_seconds=1.5, bytes_per_second=200_000),
    "resetting": Fault(Mode.RESET),
    "half closed": Fault(Mode.HALF_CLOSE),
}
# The most telling first: the short version takes as many as it can.
OUTAGES = sorted(
    (
        Outage(store, name, fault)
        for store in ("redis", "s3", "clickhouse", "postgres")
        for name, fault in FAULTS.items()
    ),
    key=lambda outage: (
        (outage.store, outage.name)
        not in {
            ("redis", "blackholed"),
            ("redis", "down"),
            ("s3", "cut after reply"),
            ("s3", "slow"),
            ("clickhouse", "cut after reply"),
            ("postgres", "blackholed"),
        }
    ),
)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(len(OUTAGES)), ids=[f"{one.store}-{one.name}" for one in OUTAGES])
def test_an_outage_costs_no_event(world: World, profile: Profile, seed: int, figures: Figures, number: int):
    if number >= profile.outages:
        pytest.skip("part of `make chaos`")
    outage = OUTAGES[number]
    load = world.load(seed + number, profile.seconds_per_request)

    load.start()
    time.sleep(WARM_SECONDS)
    before = rss_bytes(world)
    world.break_store(outage.store, outage.fault)
    try:
        peak = peak_rss_bytes(world, profile.outage_seconds)
    finally:
        world.heal()
    load.stop()
    verdict = load.verdict(HEALED_WITHIN_SECONDS, STEADY_SECONDS)

    figures.add("T5", f"{outage.store} {outage.name}", verdict)
    summary = f"{outage.store} {outage.name}: grew {(peak - before) / 1e6:.0f} MB, {verdict.summary}"
    assert not verdict.violations, summary
    assert verdict.settled_seconds < HEALED_WITHIN_SECONDS, summary
    assert verdict.acknowledged > 0, summary
    assert peak - before < MOST_GROWTH_BYTES, summary


def rss_bytes(world: World) -> int:
    return sum(psutil.Process(process.pid).memory_info().rss for process in world.cluster.services.values())


def peak_rss_bytes(world: World, seconds: float) -> int:
    deadline, peak = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        peak = max(peak, rss_bytes(world))
        time.sleep(SAMPLE_SECONDS)
    return peak
