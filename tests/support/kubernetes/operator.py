"""The operator as a process of its own, and what a person sees of an instance."""

import os
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import yaml

from support.kubernetes.api import Api, ApiError, Object, eventually
from support.kubernetes.local_node import is_of_job
from support.server import free_port
from support.servers.process import ServerProcess

API_VERSION = "elasticdash.io/v1alpha1"
KIND = "ElasticDashLogger"
_CRDS = Path(__file__).parents[3] / "crds"
_CHILD_KINDS = (
    *(("v1", kind) for kind in ("Secret", "Service", "ServiceAccount", "ConfigMap")),
    *(("apps/v1", kind) for kind in ("Deployment", "StatefulSet")),
    *(("networking.k8s.io/v1", kind) for kind in ("NetworkPolicy", "Ingress")),
    *(("policy/v1", "PodDisruptionBudget"), ("autoscaling/v2", "HorizontalPodAutoscaler")),
)
_READY_TIMEOUT_SECONDS = 5.0


def install_crds(api: Api) -> None:
    """Make the API server serve our resources; returns once it does."""
    for path in sorted(_CRDS.glob("*.yaml")):
        crd: Any = yaml.safe_load(path.read_text())
        api.apply(crd)
        eventually(lambda crd=crd: api.get(crd["apiVersion"], crd["kind"], crd["metadata"]["name"]), _is_established)


class Operator:
    """One operator process that serves some namespaces, or all without any."""

    def __init__(
        self, kubeconfig: Path, namespaces: Sequence[str], folder: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings` are variables without their prefix."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        named = {
            "NAMESPACES": ",".join(namespaces),
            "NAMESPACE": namespaces[0] if namespaces else "default",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LOG_LEVEL": "debug",
            "SERVICE_URL": "http://127.0.0.1:9",
            **(settings or {}),
        }
        self.process = ServerProcess(
            [str(Path(sys.executable).parent / "elasticdash-operator"), "run"],
            is_ready=lambda: httpx.get(f"{self.url}/readyz", timeout=_READY_TIMEOUT_SECONDS).is_success,
            log_file=folder / f"operator-{port}.log",
            env={
                "PATH": os.defpath,
                "KUBECONFIG": str(kubeconfig),
                **{f"ELASTICDASH_OPERATOR_{name}": value for name, value in named.items()},
            },
        )

    def __enter__(self) -> "Operator":
        self.process.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.is_running:
            self.process.stop()

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 when it isn't there."""
        lines = httpx.get(f"{self.url}/metrics", timeout=_READY_TIMEOUT_SECONDS).text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def log(self) -> str:
        """Everything it logged."""
        return self.process.log_file.read_text(errors="replace")


class Instance:
    """An ElasticDashLogger in a namespace, as kubectl would show and change it."""

    def __init__(self, api: Api, namespace: str, name: str = "obs") -> None:
        self.api = api
        self.namespace = namespace
        self.name = name

    def apply(self, **spec: Any) -> Object:
        """Make it, or give it this specification."""
        return self.api.apply(self._manifest(spec=spec))

    def annotate(self, name: str, value: str | None) -> None:
        """Set an annotation of ours, or take it away."""
        self.api.merge(self._manifest(), {"metadata": {"annotations": {f"elasticdash.io/{name}": value}}})

    def delete(self) -> None:
        """Delete it."""
        self.api.delete(self._manifest())

    def get(self) -> Object:
        """The resource."""
        return self.api.get(API_VERSION, KIND, self.name, self.namespace)

    def condition(self, name: str) -> Mapping[str, Any]:
        """A condition; empty when it isn't there."""
        conditions: list[Object] = self.get().get("status", {}).get("conditions", [])
        return next((condition for condition in conditions if condition["type"] == name), Object())

    def wait_for(self, condition: str, reason: str, timeout_seconds: float = 60) -> Mapping[str, Any]:
        """The condition once it has this reason."""
        return eventually(
            lambda: self.condition(condition), lambda found: found.get("reason") == reason, timeout_seconds
        )

    def wait_for_phase(self, phase: str, timeout_seconds: float = 60) -> Object:
        """The resource once it is in this phase, as its present specification is."""

        def is_so(found: Object) -> bool:
            status = found.get("status", {})
            return status.get("phase") == phase and status["observedGeneration"] == found["metadata"]["generation"]

        return eventually(self.get, is_so, timeout_seconds)

    def child(self, api_version: str, kind: str, suffix: str) -> Object | None:
        """A child by the end of its name."""
        return self.api.find(api_version, kind, f"{self.name}-{suffix}", self.namespace)

    def children(self) -> dict[tuple[str, str], Object]:
        """All live children by kind and name, without those that are being deleted."""
        selector = f"app.kubernetes.io/instance={self.name}"
        return {
            (kind, found["metadata"]["name"]): found
            for api_version, kind in _CHILD_KINDS
            for found in self.api.list(api_version, kind, self.namespace, labelSelector=selector)
            if "deletionTimestamp" not in found["metadata"]
        }

    def jobs(self) -> list[Object]:
        """Its migration Jobs."""
        return self.api.list("batch/v1", "Job", self.namespace)

    def events(self) -> list[Object]:
        """Events about it, in no order."""
        found = self.api.list("v1", "Event", self.namespace)
        return [event for event in found if event["involvedObject"]["kind"] == KIND]

    def _manifest(self, **more: Any) -> Object:
        metadata = {"name": self.name, "namespace": self.namespace}
        return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, **more}


@contextmanager
def jobs_that_succeed(api: Api, namespace: str) -> Generator[None]:
    """Pods of Jobs end well at once, without having done anything."""
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            with suppress(ApiError, httpx.HTTPError):
                for pod in api.list("v1", "Pod", namespace):
                    if is_of_job(pod) and pod.get("status", {}).get("phase") != "Succeeded":
                        api.merge(pod, {"status": {"phase": "Succeeded"}}, "status")
            time.sleep(0.1)

    thread = threading.Thread(target=run, name="jobs-that-succeed", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(10)


def _is_established(crd: Object) -> bool:
    conditions: list[Object] = crd.get("status", {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)
