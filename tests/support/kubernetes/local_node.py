"""A node whose containers are processes of this machine: Jobs really run, other pods are played unless asked for."""

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from support.kubernetes.api import Api, ApiError, Object
from support.kubernetes.kubeconfig import Access
from support.kubernetes.local_pod import LocalPod, NodePod, PlayedPod

NAME = "local"
_ROUND_PAUSE_SECONDS = 0.1
_STOP_TIMEOUT_SECONDS = 30.0
_ADDRESSES = itertools.count(2)


def is_of_job(pod: Object) -> bool:
    """Whether a Job made the pod."""
    return any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", []))


def is_any(pod: Object) -> bool:
    """For a node that runs everything it can."""
    return True


class LocalNode:
    """Takes every pod of some namespaces. Those that `runs` accepts are processes, the others ready at once.

    An image named in `missing_images` cannot be pulled.
    """

    def __init__(
        self, access: Access, namespaces: Sequence[str], folder: Path, runs: Callable[[Object], bool] = is_of_job
    ) -> None:
        self.missing_images: set[str] = set()
        self._api = Api(access, "elasticdash-tests-node")
        self._namespaces = namespaces
        self._folder = folder
        self._runs = runs
        self._pods: dict[str, NodePod] = {}
        self._names: dict[str, str] = {}
        self._reported: dict[str, Object] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="local-node", daemon=True)

    def start(self) -> None:
        """Register the node and begin to take pods."""
        node: Object = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NAME}}
        self._api.apply(node)
        ready = {"type": "Ready", "status": "True", "reason": "LocalProcesses"}
        room = {"cpu": "64", "memory": "256Gi", "pods": "500"}
        self._api.merge(node, {"status": {"conditions": [ready], "capacity": room, "allocatable": room}}, "status")
        self._thread.start()

    def stop(self) -> None:
        """End every process it started; pods keep the status they had."""
        self._stopping.set()
        self._thread.join(_STOP_TIMEOUT_SECONDS)
        for pod in self._pods.values():
            pod.kill()
        self._api.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def logs(self, name: str) -> str:
        """What a pod's containers printed, as long as the pod is there or was; LookupError for an unknown one."""
        return self._pod(name).logs()

    def kill(self, name: str) -> None:
        """SIGKILL for a pod's processes, as when memory runs out."""
        self._pod(name).kill()

    def _pod(self, name: str) -> NodePod:
        # The newest of that name: pods of a StatefulSet come again.
        uids = [uid for uid, known in self._names.items() if known == name]
        if not uids:
            raise LookupError(f"no pod {name!r} was seen here")
        return self._pods[uids[-1]]

    def _loop(self) -> None:
        while not self._stopping.is_set():
            # The API server restarts, or somebody was faster: the next round sees what is true.
            with suppress(ApiError, httpx.HTTPError):
                self._round()
            time.sleep(_ROUND_PAUSE_SECONDS)

    def _round(self) -> None:
        pods = [pod for name in self._namespaces for pod in self._api.list("v1", "Pod", name)]
        seen = {pod["metadata"]["uid"] for pod in pods}
        for uid in self._reported.keys() - seen:
            self._pods[uid].kill()
            del self._reported[uid]
        for pod in pods:
            try:
                self._tend(pod)
            except ApiError as error:
                if error.status_code not in (404, 409):
                    raise

    def _tend(self, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        if "deletionTimestamp" in pod["metadata"]:
            if uid not in self._pods or self._pods[uid].end(pod):
                self._api.delete(pod, gracePeriodSeconds=0, preconditions={"uid": uid})
            return
        if pod.get("status", {}).get("phase") in ("Succeeded", "Failed") or pod["spec"].get("schedulingGates"):
            return
        if uid not in self._pods:
            self._take(pod)
        status = self._pull_error(pod) or self._pods[uid].step(pod)
        if status != self._reported.get(uid):
            self._api.merge(pod, {"status": status}, "status")
            self._reported[uid] = status

    def _take(self, pod: Object) -> None:
        metadata = pod["metadata"]
        if not pod["spec"].get("nodeName"):
            target = {"apiVersion": "v1", "kind": "Node", "name": NAME}
            binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": metadata["name"]}, "target": target}
            self._api.request("POST", f"{self._api.path_of(pod)}/binding", json=binding)
        number = next(_ADDRESSES)
        address = f"127.30.{number // 250}.{number % 250 + 2}"
        real = self._runs(pod)
        folder = self._folder / metadata["uid"]
        self._pods[metadata["uid"]] = LocalPod(self._api, pod, address, folder) if real else PlayedPod(address)
        self._names[metadata["uid"]] = metadata["name"]

    def _pull_error(self, pod: Object) -> Object | None:
        containers = pod["spec"]["containers"]
        if not any(container["image"] in self.missing_images for container in containers):
            return None
        waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image: not found"}
        statuses = [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": False,
                "started": False,
                "restartCount": 0,
                "state": {"waiting": waiting},
            }
            for container in containers
        ]
        return {"phase": "Pending", "containerStatuses": statuses}


@contextmanager
def running(access: Access, namespaces: Sequence[str], folder: Path) -> Generator[LocalNode]:
    """A node that runs everything in these namespaces until the block ends."""
    node = LocalNode(access, namespaces, folder, runs=is_any)
    node.start()
    try:
        yield node
    finally:
        node.stop()
