"""How the C library of a long-running process of ours keeps what was freed."""

import ctypes
from collections.abc import Mapping

# Numbers of glibc's malloc.h. Each thread fills an arena of its own and rarely gives any of it back; large buffers,
# of bodies and blocks, go back to the system at once when they have pages of their own.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_OPTIONS: Mapping[int, int] = {_ARENA_MAX: 2, _MMAP_THRESHOLD: 256 * 1024, _TRIM_THRESHOLD: 1024 * 1024}


def give_back_early() -> None:
    """Hold less of what was freed; to be called before threads start. Does nothing where the library isn't glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for option, value in _OPTIONS.items():
        mallopt(option, value)
