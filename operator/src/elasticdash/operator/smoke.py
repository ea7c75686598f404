"""`python -m elasticdash.operator.smoke`: sends one trace to a Logger and reads it back; what `helm test` runs."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from elasticdash.shared import errors, ids

_PAUSE_SECONDS = 1.0
_REQUEST_TIMEOUT_SECONDS = 10.0


class SmokeSettings(BaseSettings):
    """Variables with the prefix ELASTICDASH_SMOKE_."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="ELASTICDASH_SMOKE_")

    url: str = Field(description="The Logger: http://obs-web.default.svc:3000")
    public_key: str = Field(description="Public key of a project")
    secret_key: SecretStr = Field(description="Its secret key")
    timeout_seconds: float = Field(default=120, gt=0, le=3600, description="Longest wait for everything")


def round_trip(settings: SmokeSettings) -> str:
    """Id of a trace that was sent and then read. UnavailableError, saying what came last, when time is up."""
    deadline = time.monotonic() + settings.timeout_seconds
    trace_id = ids.new_id()
    with httpx.Client(
        base_url=settings.url,
        auth=(settings.public_key, settings.secret_key.get_secret_value()),
        timeout=_REQUEST_TIMEOUT_SECONDS,
    ) as client:
        _until(
            deadline, "the trace to be accepted", lambda: client.post("/api/public/ingestion", json=_batch(trace_id))
        )
        _until(deadline, "the trace to be stored", lambda: client.get(f"/api/public/traces/{trace_id}"))
    return trace_id


def _batch(trace_id: str) -> dict[str, object]:
    now = datetime.now(UTC).isoformat()
    body = {"id": trace_id, "name": "helm test", "timestamp": now}
    return {"batch": [{"id": trace_id, "type": "trace-create", "timestamp": now, "body": body}]}


def _until(deadline: float, what: str, ask: Callable[[], httpx.Response]) -> None:
    while True:
        try:
            answer = ask()
            if answer.status_code in (httpx.codes.OK, httpx.codes.MULTI_STATUS):
                return
            last = f"{answer.request.url} answered {answer.status_code}"
        except httpx.TransportError as error:
            last = f"{error.request.url} gave no answer: {error}"
        if time.monotonic() + _PAUSE_SECONDS > deadline:
            raise errors.UnavailableError(f"Waited in vain for {what}: {last}")
        time.sleep(_PAUSE_SECONDS)


def main() -> int:
    """The exit code: 0 when the trace came back."""
    try:
        trace_id = round_trip(SmokeSettings())  # pyright: ignore[reportCallIssue]
    except errors.UnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Trace {trace_id} was sent and read back\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
