"""SIGKILL under load, again and again: every acknowledged event is there afterwards, exactly once."""

import random
import time
from pathlib import Path

import pytest

from support.chaos.clients import Balancer, Project
from support.chaos.run import Load
from support.server import PROJECT_ID, free_port, start_server

KILLS = 25
SECONDS_PER_REQUEST = 0.1
SETTLE_SECONDS = 90.0
STEADY_SECONDS = 2.0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_loses_nothing_and_doubles_nothing(tmp_path: Path):
    seed = random.randrange(1_000_000)
    rng = random.Random(seed)
    data_dir, port = tmp_path / "data", free_port()
    server = start_server(data_dir, port)
    project = Project(PROJECT_ID, server.public_key, server.secret_key)
    load = Load(Balancer([server.url]), [project], seed, SECONDS_PER_REQUEST)

    load.start()
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.05, 1.5))
        server.kill()
        server = start_server(data_dir, port)
    load.stop()
    verdict = load.verdict(SETTLE_SECONDS, STEADY_SECONDS)
    server.stop()

    assert verdict.acknowledged > KILLS, verdict.summary
    assert not verdict.violations, verdict.summary
