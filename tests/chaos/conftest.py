"""The short version of the chaos tests runs with all others; `pytest tests/chaos --chaos-long` runs the long one."""

import pytest

from support.chaos.profile import LONG, SHORT, Profile

_LONG = "--chaos-long"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(_LONG, action="store_true", help="the long version of the chaos tests")


@pytest.fixture(scope="session")
def profile(pytestconfig: pytest.Config) -> Profile:
    """The short version unless the long one is asked for."""
    return LONG if pytestconfig.getoption(_LONG, default=False) else SHORT
