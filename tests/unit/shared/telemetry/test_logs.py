"""Every line is one JSON object from one renderer, and no line tells what a user sent."""

import io
import json
import logging
import warnings
from collections.abc import Generator
from typing import Any

import pytest
import structlog

from elasticdash.shared.telemetry import logs

PROMPT = "what the user wrote"


@pytest.fixture
def lines() -> Generator[io.StringIO]:
    """What was logged since the configuration, which ends with the test."""
    root, showwarning = logging.getLogger(), warnings.showwarning
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()
    logs.configure("web", "info", "json", out)
    yield out
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:], warnings.showwarning = handlers, showwarning
    root.setLevel(level)


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_event_carries_its_fields_and_what_was_bound(lines: io.StringIO):
    structlog.contextvars.bind_contextvars(request_id="r1")

    structlog.get_logger().info("batch_written", rows=3)

    [entry] = read(lines)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {"event": "batch_written", "rows": 3, "request_id": "r1", "level": "info", "service": "web"}


def test_levels_below_the_configured_one_are_silent(lines: io.StringIO):
    structlog.get_logger().debug("detail")

    assert read(lines) == []


def test_library_speaks_through_the_same_renderer(lines: io.StringIO):
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    [entry] = read(lines)
    assert (entry["event"], entry["logger"]) == ("Invalid HTTP request received.", "uvicorn.error")
    assert (entry["level"], entry["service"]) == ("warning", "web")


def test_library_is_not_heard_below_warning(lines: io.StringIO):
    logging.getLogger("botocore").info("request body: %s", PROMPT)

    assert read(lines) == []


def test_error_is_described_without_its_message(lines: io.StringIO):
    try:
        raise ValueError(PROMPT) from KeyError(PROMPT)
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)
        logging.getLogger("taskiq").error("Exception found: %s", error, exc_info=True)

    ours, theirs = read(lines)
    assert (ours["kind"], ours["cause"]) == ("builtins.ValueError", "builtins.KeyError")
    assert ours["frames"][0].endswith("test_error_is_described_without_its_message")
    assert (theirs["event"], theirs["kind"]) == ("Exception found: builtins.ValueError", "builtins.ValueError")
    assert PROMPT not in lines.getvalue()


def test_warning_is_logged_by_place_and_class_alone(lines: io.StringIO):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.configure("web", "info", "json", lines)
        warnings.warn(f"input_value={PROMPT!r}", UserWarning, stacklevel=1)

    [entry] = read(lines)
    assert (entry["event"], entry["category"]) == ("python_warning", "UserWarning")
    assert PROMPT not in lines.getvalue()


def test_console_format_is_for_reading(lines: io.StringIO):
    out = io.StringIO()
    logs.configure("up", "warning", "console", out)

    structlog.get_logger().warning("store_unavailable", retry_seconds=2)

    assert "store_unavailable" in out.getvalue()
    assert not out.getvalue().startswith("{")
