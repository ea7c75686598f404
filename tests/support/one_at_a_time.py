"""Several processes run tests of one checkout on one machine: what they share is built or installed by one of them."""

import fcntl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(file: Path, say_waiting: Callable[[], None] = lambda: None) -> Generator[None]:
    """Holds a lock file until the block ends; `say_waiting` is called when another process holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say_waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
