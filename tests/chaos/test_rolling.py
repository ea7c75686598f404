"""T9: every process is replaced in turn under load, and no client notices."""

import pytest

from support.chaos.figures import Figures
from support.chaos.profile import Profile
from support.chaos.world import STEADY_SECONDS, World


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_replacing_every_process_fails_no_request(world: World, profile: Profile, seed: int, figures: Figures):
    load = world.load(seed, profile.seconds_per_request)
    exit_codes: dict[str, int] = {}

    load.start()
    for name, url in zip(("web0", "web1"), world.cluster.urls, strict=True):
        world.balancer.draining.add(url)
        exit_codes[name] = replace(world, name)
        world.balancer.draining.discard(url)
    for name in ("worker0", "worker1"):
        exit_codes[name] = replace(world, name)
    load.stop()
    verdict = load.verdict(profile.readable_within_seconds, STEADY_SECONDS)

    figures.add("T9", "rolling restart", verdict)
    assert exit_codes == dict.fromkeys(exit_codes, 0), verdict.summary
    assert set(verdict.answers) <= {"batch 207", "otlp 200", "read 200", "read 404"}, verdict.summary
    assert not verdict.violations, verdict.summary


def replace(world: World, name: str) -> int:
    """Stop a process with SIGTERM and start it again; its exit code."""
    exit_code = world.cluster.processes[name].stop()
    world.cluster.spawn(name)
    world.cluster.wait_until_up(name)
    return exit_code
