"""Server processes that tests start, kill and start again on the same port and folder."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from support.server import log_tail

READY_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 30.0
POLL_PAUSE_SECONDS = 0.05


class ServerNotReadyError(Exception):
    """A server ended or did not answer in time; carries the end of what it printed."""


class ServerProcess:
    """One server in a process group of its own. `command` must listen on a fixed port, so that a restart is found.

    `is_ready` asks the server itself; what it raises counts as not ready. What the server prints goes to `log_file`.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        is_ready: Callable[[], bool],
        log_file: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self._command = list(command)
        self._is_ready = is_ready
        self._env = dict(env) if env is not None else None
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        self.log_file = log_file

    @property
    def pid(self) -> int:
        """The running process; RuntimeError when there is none."""
        if self._process is None:
            raise RuntimeError(f"{self._command[0]} is not running")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there, answering or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers; ServerNotReadyError when it doesn't."""
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> None:
        """Start it without waiting."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                user=self._user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, timeout_seconds: float = READY_TIMEOUT_SECONDS) -> None:
        """Returns once the server answers; ServerNotReadyError when it ended or the time is over."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if not self.is_running:
                raise ServerNotReadyError(f"{self._command[0]} ended at start\n{log_tail(self.log_file)}")
            if self._answers():
                return
            time.sleep(POLL_PAUSE_SECONDS)
        raise ServerNotReadyError(
            f"{self._command[0]} did not answer in {timeout_seconds} s\n{log_tail(self.log_file)}"
        )

    def kill(self) -> None:
        """End it and its children at once with SIGKILL, as a crash of the machine's kernel would."""
        self._signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> int:
        """End it with SIGTERM; its exit code. A server that won't end is killed."""
        self._signal(signal.SIGTERM, whole_group=False)
        return self._wait()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return self._is_ready()
        except Exception:  # noqa: BLE001 whatever a client raises about a server that is not there yet
            return False

    def _signal(self, number: signal.Signals, *, whole_group: bool = True) -> None:
        if self.is_running:
            (os.killpg if whole_group else os.kill)(self.pid, number)

    def _wait(self) -> int:
        if self._process is None:
            return 0
        try:
            return self._process.wait(timeout=STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            return self._process.wait(timeout=STOP_TIMEOUT_SECONDS)
