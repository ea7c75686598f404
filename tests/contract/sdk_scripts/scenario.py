"""What every Python script sends, and how it waits for and hands back what it read."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

READ_TIMEOUT_SECONDS = 30.0
POLL_PAUSE_SECONDS = 0.2
OBSERVATION_COUNT = 6
SCORE_COUNT = 3
ALL_FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"


def load() -> dict[str, Any]:
    """The values to send: the first argument, as JSON."""
    return json.loads(sys.argv[1])


def think() -> None:
    """Take long enough for start and end to differ in milliseconds."""
    time.sleep(0.02)


def answered(generation: Any, sent: dict[str, Any]) -> None:
    """The answer of a model on a generation, and the scores about it."""
    think()
    generation.update(
        output=sent["answer"],
        completion_start_time=datetime.now(UTC) - timedelta(milliseconds=5),
        usage_details=sent["usage"],
    )
    generation.score_trace(name="quality", value=0.9, comment="clear")
    generation.score_trace(name="resolved", value=1, data_type="BOOLEAN")
    generation.score(name="tone", value="friendly")


def an_hour_ago() -> datetime:
    """Before anything that a script sends."""
    return datetime.now(UTC) - timedelta(hours=1)


def until(read: Callable[[], Any], is_enough: Callable[[Any], bool]) -> Any:
    """What `read` returns once `is_enough` accepts it. A refusal counts as "not yet" until the time is over."""
    deadline = time.monotonic() + READ_TIMEOUT_SECONDS
    while True:
        try:
            answer = read()
            if is_enough(answer) or time.monotonic() > deadline:
                return answer
        except Exception:
            if time.monotonic() > deadline:
                raise
        time.sleep(POLL_PAUSE_SECONDS)


def parsed(model: Any) -> Any:
    """A generated client's object as plain JSON, with the names of the wire."""
    return json.loads(model.json())


def report(**read: Any) -> None:
    """Hand the test what this SDK read, as the last line of the output."""
    sys.stdout.write("\n" + json.dumps(read) + "\n")
