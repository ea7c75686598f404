"""A Kubernetes control plane of this machine's own processes: etcd, API server, controller manager; no node."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from support.kubernetes import kubeconfig, programs
from support.kubernetes.api import Api
from support.kubernetes.kubeconfig import Access
from support.kubernetes.pki import Authority
from support.server import free_port
from support.servers.process import ServerProcess

ADDRESS = "127.0.0.1"
SERVICE_RANGE = "10.96.0.0/16"
SERVICE_ADDRESS = "10.96.0.1"
_SERVER_NAMES = ("DNS:kubernetes", "DNS:kubernetes.default", "DNS:kubernetes.default.svc", "DNS:localhost")
_ISSUER = "https://kubernetes.default.svc"
_READY_TIMEOUT_SECONDS = 5.0
# Nobody sends a test node's heartbeats, and nothing of a test is behind a Service.
_CONTROLLERS_LEFT_OUT = (
    "node-lifecycle-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "endpointslice-mirroring-controller",
)


class ControlPlane:
    """Started in seconds below a folder; what is killed and started again has the same address, data and keys."""

    def __init__(
        self, folder: Path, *, address: str = ADDRESS, controllers_left_out: Sequence[str] = _CONTROLLERS_LEFT_OUT
    ) -> None:
        self.folder = folder
        self.address = address
        self.audit_log = folder / "audit.log"
        self._programs = programs.folder_with(programs.CONTROL_PLANE)
        self._left_out = controllers_left_out
        self._port, self._etcd_port = free_port(), free_port()
        self.authority = Authority(folder / "pki")
        self._admin = self.access_as("admin", ["system:masters"])
        self.kubeconfig = kubeconfig.write(folder / "admin.kubeconfig", self._admin)
        self.etcd = self._etcd_process()
        self.api_server = self._api_server_process()
        self.controller_manager = self._controller_manager_process()

    @property
    def url(self) -> str:
        """Where the API server answers."""
        return f"https://{self.address}:{self._port}"

    def access_as(self, user: str, groups: Sequence[str] = ()) -> Access:
        """How somebody reaches this cluster as a user of these groups."""
        pair = self.authority.client(user, groups)
        return Access(self.url, self.authority.pair.certificate.read_text(), pair)

    def start(self) -> None:
        """Start all three; returns once the API server serves."""
        self.etcd.start()
        self.api_server.start()
        self.controller_manager.start()

    def stop(self) -> None:
        """End all three at once: the folder is thrown away."""
        for process in (self.controller_manager, self.api_server, self.etcd):
            process.kill()

    def restart_api_server(self) -> None:
        """Kill the API server, as a machine's end would, and start it again."""
        self.api_server.kill()
        self.api_server.start()

    def _etcd_process(self) -> ServerProcess:
        client, peer = f"http://{ADDRESS}:{self._etcd_port}", f"http://{ADDRESS}:{free_port()}"
        words = ["--data-dir", str(self.folder / "etcd"), "--unsafe-no-fsync", "--logger", "zap"]
        words += ["--listen-client-urls", client, "--advertise-client-urls", client]
        words += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        words += ["--initial-cluster", f"default={peer}"]
        return ServerProcess(
            [str(programs.etcd()), *words],
            is_ready=lambda: httpx.get(f"{client}/health", timeout=_READY_TIMEOUT_SECONDS).json()["health"] == "true",
            log_file=self.folder / "etcd.log",
        )

    def _api_server_process(self) -> ServerProcess:
        serving = self.authority.server("kube-apiserver", [*_SERVER_NAMES, f"IP:{self.address}", *_own_addresses()])
        tokens = self.authority.signing_pair("service-accounts")
        policy = self.folder / "audit-policy.json"
        policy.write_text(json.dumps(_audit_policy()))
        options = {
            "bind-address": self.address,
            "secure-port": self._port,
            "etcd-servers": f"http://{ADDRESS}:{self._etcd_port}",
            "service-cluster-ip-range": SERVICE_RANGE,
            "authorization-mode": "Node,RBAC",
            "client-ca-file": self.authority.pair.certificate,
            "tls-cert-file": serving.certificate,
            "tls-private-key-file": serving.key,
            "cert-dir": self.folder,
            "service-account-issuer": _ISSUER,
            "service-account-key-file": tokens.certificate,
            "service-account-signing-key-file": tokens.key,
            "audit-policy-file": policy,
            "audit-log-path": self.audit_log,
            "audit-log-mode": "blocking",
            "allow-privileged": "true",
            "profiling": "false",
            **self._endpoint_options(),
        }
        return ServerProcess(
            [str(self._programs / "kube-apiserver"), *_words(options)],
            is_ready=self._serves,
            log_file=self.folder / "kube-apiserver.log",
        )

    def _endpoint_options(self) -> dict[str, object]:
        # An endpoint may not be a loopback address.
        if self.address.startswith("127."):
            return {"advertise-address": self.address, "endpoint-reconciler-type": "none"}
        pair = self.authority.client("apiserver-of-kubelets", ["system:masters"])
        return {
            "kubelet-client-certificate": pair.certificate,
            "kubelet-client-key": pair.key,
            "kubelet-preferred-address-types": "InternalIP",
        }

    def _controller_manager_process(self) -> ServerProcess:
        access = self.access_as("system:kube-controller-manager")
        port = free_port()
        options = {
            "kubeconfig": kubeconfig.write(self.folder / "controller-manager.kubeconfig", access),
            "bind-address": ADDRESS,
            "secure-port": port,
            "cert-dir": self.folder / "controller-manager",
            "use-service-account-credentials": "true",
            "service-account-private-key-file": self.folder / "pki" / "service-accounts.key",
            "root-ca-file": self.authority.pair.certificate,
            "cluster-signing-cert-file": self.authority.pair.certificate,
            "cluster-signing-key-file": self.authority.pair.key,
            "controllers": ",".join(["*", *(f"-{name}" for name in self._left_out)]),
            "leader-elect": "false",
            "profiling": "false",
        }
        return ServerProcess(
            [str(self._programs / "kube-controller-manager"), *_words(options)],
            is_ready=lambda: (
                httpx.get(f"https://{ADDRESS}:{port}/healthz", verify=False, timeout=_READY_TIMEOUT_SECONDS).is_success
            ),
            log_file=self.folder / "kube-controller-manager.log",
        )

    def _serves(self) -> bool:
        api = Api(self._admin)
        try:
            return api.is_ready()
        finally:
            api.close()


def _words(options: Mapping[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items()]


def _own_addresses() -> list[str]:
    return [f"IP:{ADDRESS}", f"IP:{SERVICE_ADDRESS}"]


def _audit_policy() -> object:
    """Who asked for what, of every request once it is answered, without bodies."""
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived", "ResponseStarted", "Panic"],
        "rules": [{"level": "None", "nonResourceURLs": ["/readyz*", "/healthz*", "/livez*"]}, {"level": "Metadata"}],
    }
