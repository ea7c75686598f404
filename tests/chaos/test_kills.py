"""T1: SIGKILL of any process at any moment, again and again under load: nothing acknowledged is lost or doubled."""

import random

import pytest

from support.chaos import killer, kills
from support.chaos.figures import LEAST_SHARE_OF_KILLS, Figures
from support.chaos.profile import Profile
from support.chaos.world import STEADY_SECONDS, World


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_kills_lose_nothing_and_double_nothing(world: World, profile: Profile, seed: int, figures: Figures):
    plan = kills.plan(sorted(world.cluster.processes), profile.kills, random.Random(seed))
    load = world.load(seed, profile.seconds_per_request)

    load.start()
    done = killer.carry_out(world.cluster, world.links, plan)
    load.stop()
    verdict = load.verdict(profile.readable_within_seconds, STEADY_SECONDS)

    figures.add("T1", "SIGKILL", verdict, planned_kills=profile.kills, kills=done.total)
    summary = f"kills={dict(done.by_kind)} at={dict(done.at_failpoints)} {verdict.summary}"
    assert done.total >= LEAST_SHARE_OF_KILLS * profile.kills, summary
    assert verdict.acknowledged > profile.kills, summary
    assert not verdict.violations, summary
    assert verdict.settled_seconds < profile.readable_within_seconds, summary
