"""How much the chaos tests do: a short version for every change, a long one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """How much is done."""

    state_machine_runs: int


SHORT = Profile(state_machine_runs=50)
LONG = Profile(state_machine_runs=500)
