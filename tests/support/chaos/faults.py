"""What can go wrong between two processes, as values that a schedule can draw and a report can print."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Mode(StrEnum):
    """What a link does with connections."""

    PASS = "pass"
    # The kernel's own answer for a port that nobody listens on; open connections are reset.
    REFUSE = "refuse"
    # Accepted, then reset; open connections too.
    RESET = "reset"
    # Silence on new and open connections until it heals, then what was sent arrives, as after a cable was pulled.
    BLACKHOLE = "blackhole"
    # The upstream gets the request and answers, the client gets the end of the stream instead.
    HALF_CLOSE = "half_close"
    # The same with a reset: the client can't know whether its request was carried out.
    CUT_REPLY = "cut_reply"


@dataclass(frozen=True, slots=True)
class Fault:
    """How a link treats traffic. Latency is added to every chunk in both directions; the rate is per direction."""

    mode: Mode = Mode.PASS
    latency_seconds: float = 0.0
    bytes_per_second: float | None = None


HEALTHY = Fault()


@dataclass(frozen=True, slots=True)
class Trap:
    """Acts once, in the moment a request that contains `pattern` passes; that connection is then reset.

    `before_request`: the upstream never gets it. `after_reply`: the upstream has answered, the client doesn't know.
    """

    pattern: bytes
    moment: Literal["before_request", "after_reply"]
    spring: Callable[[], None]
