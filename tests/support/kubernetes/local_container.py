"""One container as a process of this machine, with the states a kubelet would report."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from support.kubernetes import pod_environment
from support.kubernetes.api import Object

# Containers of our images start this; commands of others have to exist on this machine.
DEFAULT_ENTRYPOINT = ("elasticdash",)
DEFAULT_MESSAGE_PATH = "/dev/termination-log"
_MESSAGE_BYTES = 4096
_MESSAGE_LOG_BYTES = 2048
_MESSAGE_LINES = 80
_FIRST_BACKOFF_SECONDS = 0.2
_LONGEST_BACKOFF_SECONDS = 5.0
_SEARCHED = f"{Path(sys.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LocalContainer:
    """Started, seen to end, started again. Not emulated: images, volumes, limits, and users other than ours.

    The path of the termination message is replaced in the command's words by a file of the container's own.
    """

    def __init__(self, spec: Object, folder: Path) -> None:
        self.name: str = spec["name"]
        self.spec = spec
        self.log_file = folder / f"{self.name}.log"
        self._message_file = folder / f"{self.name}.message"
        self.ready = False
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = ""
        self._last: Object | None = None
        self._ended: Object | None = None
        self._start_after = 0.0
        self._waiting = {"reason": "ContainerCreating"}
        self._log_start = 0

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, None when it did not start or still runs."""
        return self._ended["exitCode"] if self._ended else None

    @property
    def may_start(self) -> bool:
        """Whether it is not running and its pause after a failure is over."""
        return not self.is_running and time.monotonic() >= self._start_after

    def wait_for(self, reason: str, message: str) -> None:
        """Report why it cannot start."""
        self._waiting = {"reason": reason, "message": message}

    def start(self, variables: Mapping[str, str]) -> None:
        """Start its command with exactly these variables and what every process needs."""
        environment = {"PATH": _SEARCHED, "HOME": str(self.log_file.parent), **variables}
        command = [pod_environment.expanded(word, environment) for word in self._command()]
        program = shutil.which(command[0], path=environment["PATH"])
        if program is None:
            self.wait_for("RunContainerError", f"{command[0]}: not on this machine")
            return
        if self._ended:
            self.restarts += 1
            self._last, self._ended = self._ended, None
        self._started_at = _now()
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._message_file.write_text("")
        with self.log_file.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                [program, *command[1:]],
                env=environment,
                cwd=self.log_file.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def look(self) -> None:
        """Notice that it ended."""
        if self._process is None or self._process.poll() is None:
            return
        code = self._process.returncode
        self._process = None
        self.ready = False
        # A process that a signal ended has 128 + its number, as container runtimes say it.
        exit_code = 128 - code if code < 0 else code
        self._ended = {
            "exitCode": exit_code,
            "reason": "Completed" if exit_code == 0 else "Error",
            "startedAt": self._started_at,
            "finishedAt": _now(),
        }
        message = self._message(exit_code)
        if message:
            self._ended["message"] = message
        pause = min(_FIRST_BACKOFF_SECONDS * 2**self.restarts, _LONGEST_BACKOFF_SECONDS)
        self._start_after = time.monotonic() + pause
        self._waiting = {"reason": "CrashLoopBackOff", "message": "back-off restarting failed container"}

    def send(self, number: signal.Signals) -> None:
        """Signal its process and all that this one started."""
        if self._process and self.is_running:
            os.killpg(self._process.pid, number)

    def status(self, *, restarts: bool) -> Object:
        """Its entry in the pod's status; `restarts` tells whether an end is followed by another start."""
        if self.is_running:
            state: Object = {"running": {"startedAt": self._started_at}}
        elif self._ended and not restarts:
            state = {"terminated": self._ended}
        else:
            state = {"waiting": self._waiting}
        last = self._ended if self._ended and restarts else self._last
        return {
            "name": self.name,
            "image": self.spec["image"],
            "imageID": f"local/{self.spec['image']}",
            "ready": self.ready,
            "started": self.is_running,
            "restartCount": self.restarts,
            "state": state,
            "lastState": {"terminated": last} if last else {},
        }

    def _command(self) -> Sequence[str]:
        words = [*(self.spec.get("command") or DEFAULT_ENTRYPOINT), *self.spec.get("args", [])]
        # Every container has a file of its own at that path; here it is named.
        path = self.spec.get("terminationMessagePath", DEFAULT_MESSAGE_PATH)
        return [word.replace(path, str(self._message_file)) for word in words]

    def _message(self, exit_code: int) -> str:
        message = self._message_file.read_text(errors="replace")[:_MESSAGE_BYTES]
        if message:
            return message
        if self.spec.get("terminationMessagePolicy") != "FallbackToLogsOnError" or exit_code == 0:
            return ""
        written = self.log_file.read_bytes()[self._log_start :].splitlines(keepends=True)[-_MESSAGE_LINES:]
        return b"".join(written)[-_MESSAGE_LOG_BYTES:].decode(errors="replace")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
