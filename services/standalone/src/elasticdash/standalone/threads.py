"""How the threads of a long-running process of ours share the interpreter."""

import sys

# A request's thread waits this long, dozens of times, for one that decodes; five milliseconds each by default.
_SWITCH_SECONDS = 0.001


def take_turns() -> None:
    """Let whoever computes hand over sooner: what takes longest is never what somebody waits for."""
    sys.setswitchinterval(_SWITCH_SECONDS)
