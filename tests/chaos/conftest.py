"""Chaos on a cluster of real processes: short in every run; `make chaos` runs the long one and keeps its figures."""

import random
from collections.abc import Generator
from pathlib import Path

import pytest

from support.chaos.figures import Figures
from support.chaos.profile import LONG, SHORT, Profile
from support.chaos.world import World, running_world
from support.cluster import Shape

_LONG, _FIGURES, _SEED = "--chaos-long", "--chaos-figures", "--chaos-seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(_LONG, action="store_true", help="the long version of the chaos tests")
    parser.addoption(_FIGURES, type=Path, default=None, help="file that gets what the chaos tests measured")
    parser.addoption(_SEED, type=int, default=None, help="seed of the chaos tests' schedules; drawn unless given")


@pytest.fixture(scope="session")
def profile(pytestconfig: pytest.Config) -> Profile:
    """The short version unless the long one is asked for."""
    return LONG if pytestconfig.getoption(_LONG, default=False) else SHORT


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Decides what happens when; every failure prints it."""
    given = pytestconfig.getoption(_SEED, default=None)
    return random.randrange(1_000_000) if given is None else given


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Generator[Figures]:
    """Collects what was measured."""
    collected = Figures()
    yield collected
    path = pytestconfig.getoption(_FIGURES, default=None)
    if path is not None:
        collected.write(path)


# Not for the whole run: its processes would stay beside all tests that follow.
@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A cluster of real processes whose connections can be broken; each test leaves it healthy."""
    with running_world(tmp_path_factory.mktemp("world"), Shape()) as running:
        yield running
