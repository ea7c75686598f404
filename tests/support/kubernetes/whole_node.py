"""A Kubernetes of one node with a real kubelet and real containers, inside a sandbox that ends with the run.

It must run in network, mount and process namespaces of its own (`support.kubernetes.e2e` makes them): its bridge, its
firewall rules, its mounts and every container are then gone when the run is. Only its cgroups have to be removed.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from support.kubernetes import kubeconfig, programs
from support.kubernetes.api import Object, eventually
from support.kubernetes.cluster import Cluster
from support.kubernetes.control_plane import ControlPlane
from support.kubernetes.dns import DnsServer
from support.kubernetes.programs import ProgramsMissingError
from support.kubernetes.volumes import LocalVolumes
from support.servers import origin
from support.servers.origin import DebianProgram
from support.servers.process import ServerProcess

NAME = "node"
NODE_ADDRESS = "10.244.0.1"
POD_RANGE = "10.244.0.0/24"
SERVICE_RANGE = "10.96.0.0/16"
BRIDGE = "cni0"
PAUSE_IMAGE = "localhost/elasticdash-test-pause:1"
_CGROUPS = Path("/sys/fs/cgroup")
_PLUGINS = Path("/usr/lib/cni")
_READY_SECONDS = 120.0
_COMMAND_TIMEOUT_SECONDS = 300
# Unpacking what all images hold; a crowded machine takes minutes for it.
_IMPORT_TIMEOUT_SECONDS = 900
_HEALTH_TIMEOUT_SECONDS = 5.0
_POLICIES_HEALTH_PORT = 20244
_CONTAINERD = DebianProgram("containerd", "containerd")
PACKAGES = (
    _CONTAINERD,
    DebianProgram("runc", "runc"),
    DebianProgram("CNI bridge", "containernetworking-plugins", (f"{_PLUGINS}/bridge",)),
    DebianProgram("iptables", "iptables"),
    DebianProgram("conntrack", "conntrack"),
    DebianProgram("ipset", "ipset"),
    DebianProgram("socat", "socat"),
    DebianProgram("ip", "iproute2"),
)


class WholeNode:
    """Control plane, container runtime, kubelet, proxy, scheduler, names and volumes, below one folder."""

    def __init__(self, folder: Path) -> None:
        for package in PACKAGES:
            origin.program(package)
        self.folder = folder
        self._bin = programs.folder_with(programs.NODE)
        self._cgroup = _cgroup_of(folder)
        self._socket = folder / "containerd.sock"
        self.control_plane = ControlPlane(folder, address=NODE_ADDRESS, controllers_left_out=())
        self.cluster: Cluster | None = None
        self._processes: list[ServerProcess] = []
        self._dns: DnsServer | None = None
        self._volumes: LocalVolumes | None = None

    def start(self) -> Cluster:
        """The cluster, once its node is ready."""
        _bridge()
        self._make_cgroup()
        self.control_plane.start()
        self.cluster = Cluster(self.control_plane.kubeconfig, self.folder, self.control_plane)
        api = self.cluster.api
        for process in (self._containerd(), self._scheduler(), self._kubelet(), self._proxy()):
            self._start(process)
        self._dns = DnsServer(api.access, NODE_ADDRESS)
        self._dns.start()
        self._volumes = LocalVolumes(api.access, NAME, self.folder / "volumes")
        self._volumes.start()
        eventually(lambda: api.find("v1", "Node", NAME), _is_ready, _READY_SECONDS)
        self._enforce_policies()
        return self.cluster

    def stop(self) -> None:
        """End its processes; containers end with the sandbox."""
        for helper in (self._volumes, self._dns):
            if helper:
                helper.stop()
        for process in reversed(self._processes):
            process.kill()
        self.control_plane.stop()

    def load(self, archive: Path) -> None:
        """Give the node the images of an archive that `docker save` wrote."""
        self._ctr("images", "import", str(archive), timeout_seconds=_IMPORT_TIMEOUT_SECONDS)

    def _start(self, process: ServerProcess) -> None:
        self._processes.append(process)
        process.start()

    def _enforce_policies(self) -> None:
        """Let a program deny what NetworkPolicies deny; where it can't be had the tests of it skip themselves."""
        try:
            program = programs.folder_with(programs.NETWORK, programs.KUBE_ROUTER) / "kube-router"
        except ProgramsMissingError as error:
            programs.say(f"NETWORK POLICIES ARE NOT ENFORCED: {error}")
            return
        options = {
            "kubeconfig": self.control_plane.kubeconfig,
            "hostname-override": NAME,
            "run-firewall": "true",
            "run-router": "false",
            "run-service-proxy": "false",
            "service-cluster-ip-range": SERVICE_RANGE,
            "health-port": _POLICIES_HEALTH_PORT,
        }
        url = f"http://{NODE_ADDRESS}:{_POLICIES_HEALTH_PORT}/healthz"
        self._start(self._process(program, options, url))

    def _ctr(self, *words: str, timeout_seconds: int = _COMMAND_TIMEOUT_SECONDS) -> str:
        command = ["ctr", "--address", str(self._socket), "--namespace", "k8s.io", *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout_seconds)
        return done.stdout

    def _containerd(self) -> ServerProcess:
        (self.folder / "cni").mkdir()
        (self.folder / "cni" / "10-bridge.conflist").write_text(json.dumps(_network()))
        config = self.folder / "containerd.toml"
        config.write_text(_containerd_config(self.folder))
        return ServerProcess(
            [str(origin.program(_CONTAINERD)), "--config", str(config)],
            is_ready=lambda: bool(self._ctr("version")),
            log_file=self.folder / "containerd.log",
        )

    def _kubelet(self) -> ServerProcess:
        access = self.control_plane.access_as(f"system:node:{NAME}", ["system:nodes"])
        serving = self.control_plane.authority.server("kubelet", [f"DNS:{NAME}", f"IP:{NODE_ADDRESS}"])
        config = self.folder / "kubelet.json"
        config.write_text(json.dumps(self._kubelet_config(serving.certificate, serving.key)))
        options = {
            "config": config,
            "kubeconfig": kubeconfig.write(self.folder / "kubelet.kubeconfig", access),
            "hostname-override": NAME,
            "node-ip": NODE_ADDRESS,
            "root-dir": self.folder / "kubelet",
            "cert-dir": self.folder / "kubelet-pki",
        }
        return self._process(self._bin / "kubelet", options, "http://127.0.0.1:10248/healthz")

    def _kubelet_config(self, certificate: Path, key: Path) -> Object:
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": NODE_ADDRESS,
            "tlsCertFile": str(certificate),
            "tlsPrivateKeyFile": str(key),
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self.control_plane.authority.pair.certificate)},
            },
            "authorization": {"mode": "Webhook"},
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{self._cgroup}",
            "failCgroupV1": False,
            "failSwapOn": False,
            "enforceNodeAllocatable": [],
            "containerRuntimeEndpoint": f"unix://{self._socket}",
            "clusterDNS": [NODE_ADDRESS],
            "clusterDomain": "cluster.local",
            "resolvConf": "",
            "podLogsDir": str(self.folder / "pod-logs"),
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "syncFrequency": "10s",
            "nodeStatusUpdateFrequency": "5s",
        }

    def _scheduler(self) -> ServerProcess:
        access = self.control_plane.access_as("system:kube-scheduler")
        options = {
            "kubeconfig": kubeconfig.write(self.folder / "scheduler.kubeconfig", access),
            "bind-address": "127.0.0.1",
            "cert-dir": self.folder / "scheduler",
            "leader-elect": "false",
        }
        return self._process(self._bin / "kube-scheduler", options, "https://127.0.0.1:10259/healthz")

    def _proxy(self) -> ServerProcess:
        access = self.control_plane.access_as("system:kube-proxy")
        config = {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "iptables",
            "clientConnection": {
                "kubeconfig": str(kubeconfig.write(self.folder / "proxy.kubeconfig", access)),
            },
            "hostnameOverride": NAME,
            "bindAddress": NODE_ADDRESS,
            "clusterCIDR": POD_RANGE,
            # Pods share one bridge: an answer that does not come back through the node would miss its address.
            "iptables": {"masqueradeAll": True},
            # Their limits are this machine's, not the sandbox's.
            "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        }
        path = self.folder / "proxy.json"
        path.write_text(json.dumps(config))
        return self._process(self._bin / "kube-proxy", {"config": path}, f"http://{NODE_ADDRESS}:10256/livez")

    def _process(self, program: Path, options: Mapping[str, object], health_url: str) -> ServerProcess:
        return ServerProcess(
            [str(program), *(f"--{option}={value}" for option, value in options.items())],
            is_ready=lambda: (
                httpx.get(health_url, verify=False, timeout=_HEALTH_TIMEOUT_SECONDS, trust_env=False).is_success
            ),
            log_file=self.folder / f"{program.name}.log",
        )

    def _make_cgroup(self) -> None:
        for controller in _controllers():
            (controller / self._cgroup).mkdir(exist_ok=True)


def remove_cgroups(folder: Path) -> None:
    """Remove what a node below `folder` left behind, once its sandbox has ended."""
    for controller in _controllers():
        top = controller / _cgroup_of(folder)
        for cgroup in sorted([top, *top.rglob("*/")], key=lambda path: len(path.parts), reverse=True):
            try:
                cgroup.rmdir()
            except FileNotFoundError:
                continue
            except OSError as error:
                programs.say(f"left behind: {cgroup}: {error.strerror}")


def _cgroup_of(folder: Path) -> str:
    return f"elasticdash-{folder.name}"


def _controllers() -> Sequence[Path]:
    """Where a cgroup of a name has to be made: every hierarchy of version 1, or the one of version 2."""
    if (_CGROUPS / "cgroup.controllers").exists():
        return [_CGROUPS]
    return [path for path in _CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()]


def _bridge() -> None:
    """The bridge pods are attached to, with the node's address, and a way to Services from the node itself."""
    if shutil.which("ip") is None:
        origin.skip("no `ip`: install Debian's iproute2")
    for words in (
        ["link", "set", "lo", "up"],
        ["link", "add", BRIDGE, "type", "bridge"],
        ["addr", "add", f"{NODE_ADDRESS}/24", "dev", BRIDGE],
        ["link", "set", BRIDGE, "up"],
        ["route", "add", SERVICE_RANGE, "dev", BRIDGE],
    ):
        subprocess.run(["ip", *words], check=True, capture_output=True, timeout=_COMMAND_TIMEOUT_SECONDS)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def _network() -> Object:
    ranges = [[{"subnet": POD_RANGE, "rangeStart": "10.244.0.10", "gateway": NODE_ADDRESS}]]
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isDefaultGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": {"type": "host-local", "ranges": ranges},
    }
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge, portmap]}


def _containerd_config(folder: Path) -> str:
    """A runtime beside any other, with folders and a socket of its own; it may not lower scores of the OOM killer."""
    return f"""
version = 2
root = "{folder}/containerd"
state = "{folder}/containerd-state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{_PLUGINS}"
    conf_dir = "{folder}/cni"
"""


def _is_ready(node: Object | None) -> bool:
    conditions: list[Object] = node["status"].get("conditions", []) if node else []
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)
