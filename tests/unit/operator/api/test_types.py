"""What the resources are made of."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from elasticdash.operator.api import logger, types

_DURATION = TypeAdapter[timedelta](types.Duration)


@pytest.mark.parametrize("text", ["", "5", "5 m", "1d", "-1s", "P1D", "1:00:00"])
def test_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(ValidationError):
        _DURATION.validate_python(text)


@pytest.mark.parametrize(
    ("text", "seconds", "shortest"),
    [("90s", 90, "90s"), ("5m", 300, "5m"), ("1h30m", 5400, "90m"), ("1500ms", 1.5, "1500ms"), ("0s", 0, "0s")],
)
def test_durations_are_read_and_written(text: str, seconds: float, shortest: str) -> None:
    duration = _DURATION.validate_python(text)

    assert duration.total_seconds() == seconds
    assert _DURATION.dump_python(duration, mode="json") == shortest


def test_an_overlay_replaces_lists_merges_objects_and_removes_nulls() -> None:
    base = {"kept": 1, "list": [1], "object": {"a": 1, "b": 2}, "gone": 1}

    assert types.merged(base, {"list": [2], "object": {"b": None, "c": 3}, "gone": None}) == {
        "kept": 1,
        "list": [2],
        "object": {"a": 1, "c": 3},
    }


def test_what_a_newer_version_knows_is_passed_over() -> None:
    spec = logger.LoggerSpec.model_validate({"profile": "dev", "fromTheFuture": {"a": 1}})

    assert spec == logger.LoggerSpec.model_validate({"profile": "dev"})


def test_numbers_are_quantities_too() -> None:
    spec = logger.LoggerSpec.model_validate({"web": {"resources": {"requests": {"cpu": 2}}}})

    assert spec.web.resources.requests == {"cpu": "2"}
