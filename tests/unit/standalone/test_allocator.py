"""Memory that was freed goes back to the system, whichever thread used it."""

import platform
import subprocess
import sys

import pytest

_USE_AND_FREE = """
import sys, threading
from pathlib import Path
from elasticdash.standalone import allocator

if sys.argv[1] == "early":
    allocator.give_back_early()

def resident_pages():
    return int(Path("/proc/self/statm").read_text().split()[1])

def use():
    bodies = [(bytearray(512 * 1024), bytearray(1024)) for _ in range(60)]
    kept.extend(small for _, small in bodies)

kept, before = [], resident_pages()
for _ in range(6):
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
print((resident_pages() - before) * 4096 // 1_000_000)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has what it sets")
def test_less_is_held_of_what_threads_freed() -> None:
    held_mb = {how: _held_mb(how) for how in ("early", "as usual")}

    assert held_mb["early"] < 10
    assert held_mb["as usual"] > 10, "the library does so by itself now: the module can go"


def _held_mb(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _USE_AND_FREE, how], capture_output=True, check=True, timeout=60)
    return int(done.stdout)
