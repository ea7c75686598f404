"""How much the chaos tests do: a short version for every change, a long one for `make chaos`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """How much is done."""

    kills: int
    outages: int
    outage_seconds: float
    seconds_per_request: float
    state_machine_runs: int
    state_machine_seconds: float
    has_negative_controls: bool
    # A bound for a busy machine; the figures say what was measured.
    readable_within_seconds: float


SHORT = Profile(
    kills=40,
    outages=6,
    outage_seconds=5.0,
    seconds_per_request=0.4,
    state_machine_runs=50,
    state_machine_seconds=60.0,
    has_negative_controls=False,
    readable_within_seconds=60.0,
)
LONG = Profile(
    kills=240,
    outages=24,
    outage_seconds=20.0,
    seconds_per_request=0.1,
    state_machine_runs=500,
    state_machine_seconds=1800.0,
    has_negative_controls=True,
    readable_within_seconds=30.0,
)
