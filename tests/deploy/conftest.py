"""Options of the tests of what is deployed."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--images", action="store_true", help="build the images and run them; takes minutes")
