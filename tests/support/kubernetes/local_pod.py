"""Pods of a local node: played ones that are ready at once, and real ones whose containers are processes."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Protocol

import httpx

from support.kubernetes import pod_environment
from support.kubernetes.api import Api, Object
from support.kubernetes.local_container import LocalContainer
from support.kubernetes.pod_environment import MissingReferenceError

_PROBE_TIMEOUT_SECONDS = 2.0
_PROBE_PAUSE_SECONDS = 0.25
_GRACE_SECONDS = 30


class NodePod(Protocol):
    """What a node does with a pod of either sort."""

    def step(self, pod: Object) -> Object:
        """The pod's status now, after whatever was due."""
        ...

    def end(self, pod: Object) -> bool:
        """Ask it to end, kill it when its grace is over; whether it has ended."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def logs(self) -> str:
        """What its containers printed."""
        ...


class PlayedPod:
    """Running and ready from the start, without doing anything."""

    def __init__(self, address: str) -> None:
        self._address = address

    def step(self, pod: Object) -> Object:
        """Always running."""
        started_at = pod["metadata"]["creationTimestamp"]
        statuses = [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": f"played/{container['image']}",
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": started_at}},
            }
            for container in pod["spec"]["containers"]
        ]
        return pod_status("Running", self._address, started_at, statuses)

    def end(self, pod: Object) -> bool:  # noqa: ARG002 the other sort needs it
        """Always done."""
        return True

    def kill(self) -> None:
        """Nothing runs."""

    def logs(self) -> str:
        """Nothing."""
        return ""


class LocalPod:
    """Init containers one after the other, then all containers, restarted as the pod's policy says."""

    def __init__(self, api: Api, pod: Object, address: str, folder: Path) -> None:
        self._api = api
        self._address = address
        self._init = [LocalContainer(spec, folder) for spec in pod["spec"].get("initContainers", [])]
        self._containers = [LocalContainer(spec, folder) for spec in pod["spec"]["containers"]]
        self._policy: str = pod["spec"].get("restartPolicy", "Always")
        self._next_probe = 0.0
        self._ending_since: float | None = None
        self._is_told = False

    def step(self, pod: Object) -> Object:
        """Start what is due, notice what ended, ask what is ready."""
        for container in (*self._init, *self._containers):
            container.look()
        waiting = next((container for container in self._init if container.exit_code != 0), None)
        for container in [waiting] if waiting else self._containers:
            if container.may_start and self._starts(container, is_init=waiting is not None):
                self._start(pod, container)
        self._probe()
        statuses = [container.status(restarts=self._restarts(container)) for container in self._containers]
        status = pod_status(self._phase(), self._address, pod["metadata"]["creationTimestamp"], statuses)
        if self._init:
            status["initContainerStatuses"] = [container.status(restarts=False) for container in self._init]
        return status

    def end(self, pod: Object) -> bool:
        """SIGTERM once the pauses before it are over, SIGKILL when the pod's grace is."""
        if self._ending_since is None:
            self._ending_since = time.monotonic()
        if not self._is_told and time.monotonic() - self._ending_since >= _pre_stop_seconds(pod):
            self._is_told = True
            self._send(signal.SIGTERM)
        grace: int = pod["metadata"].get("deletionGracePeriodSeconds", _GRACE_SECONDS)
        if time.monotonic() - self._ending_since > grace:
            self._send(signal.SIGKILL)
        return not any(container.is_running for container in (*self._init, *self._containers))

    def kill(self) -> None:
        """SIGKILL for all that it runs."""
        self._send(signal.SIGKILL)

    def logs(self) -> str:
        """What its containers printed, one after the other."""
        files = [container.log_file for container in (*self._init, *self._containers)]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def _send(self, number: signal.Signals) -> None:
        for container in (*self._init, *self._containers):
            container.send(number)

    def _starts(self, container: LocalContainer, *, is_init: bool) -> bool:
        if container.exit_code is None:
            return True
        return self._policy != "Never" if is_init else self._restarts(container)

    def _restarts(self, container: LocalContainer) -> bool:
        return self._policy == "Always" or (self._policy == "OnFailure" and container.exit_code != 0)

    def _start(self, pod: Object, container: LocalContainer) -> None:
        fields = {"status.podIP": self._address, "status.hostIP": "127.0.0.1"}
        try:
            variables = pod_environment.of_container(self._api, pod, container.spec, fields)
        except MissingReferenceError as error:
            container.wait_for("CreateContainerConfigError", str(error))
            return
        # Every pod has this machine's loopback: what listens everywhere there listens on the pod's address here.
        address = {"ELASTICDASH_HOST": self._address, "ELASTICDASH_OPERATIONS_HOST": self._address}
        container.start({"HOSTNAME": pod["metadata"]["name"], **variables, **address})

    def _phase(self) -> str:
        if any(container.exit_code and self._policy == "Never" for container in self._init):
            return "Failed"
        ended = [c.exit_code for c in self._containers if c.exit_code is not None and not self._restarts(c)]
        if len(ended) == len(self._containers):
            return "Failed" if any(ended) else "Succeeded"
        started = any(container.is_running or container.exit_code is not None for container in self._containers)
        return "Running" if started else "Pending"

    def _probe(self) -> None:
        if time.monotonic() < self._next_probe:
            return
        self._next_probe = time.monotonic() + _PROBE_PAUSE_SECONDS
        for container in self._containers:
            container.ready = container.is_running and self._answers(container)

    def _answers(self, container: LocalContainer) -> bool:
        probe: Object = container.spec.get("readinessProbe") or {}
        try:
            if "httpGet" in probe:
                port = port_number(container.spec, probe["httpGet"]["port"])
                url = f"http://{self._address}:{port}{probe['httpGet'].get('path', '/')}"
                return httpx.get(url, timeout=_PROBE_TIMEOUT_SECONDS, trust_env=False).status_code < 400
            if "exec" in probe:
                words = probe["exec"]["command"]
                return subprocess.run(words, check=False, timeout=_PROBE_TIMEOUT_SECONDS).returncode == 0
        except (httpx.HTTPError, subprocess.SubprocessError, OSError):
            return False
        return True


def _pre_stop_seconds(pod: Object) -> int:
    """The longest `preStop` sleep of its containers."""
    hooks = [container.get("lifecycle", {}).get("preStop", {}) for container in pod["spec"]["containers"]]
    return max(hook.get("sleep", {}).get("seconds", 0) for hook in hooks)


def port_number(container: Object, port: str | int) -> int:
    """The number of a container's port, given by name or number."""
    if isinstance(port, int):
        return port
    return next(entry["containerPort"] for entry in container.get("ports", []) if entry.get("name") == port)


def pod_status(phase: str, address: str, started_at: str, containers: list[Object]) -> Object:
    """A pod's status as a kubelet would write it."""
    is_ready = phase == "Running" and all(container["ready"] for container in containers)
    flags = {
        "PodScheduled": True,
        "Initialized": phase != "Pending",
        "ContainersReady": is_ready,
        "Ready": is_ready,
    }
    return {
        "phase": phase,
        "hostIP": "127.0.0.1",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": started_at,
        "conditions": [{"type": name, "status": str(is_true)} for name, is_true in flags.items()],
        "containerStatuses": containers,
    }
