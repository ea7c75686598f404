"""The cluster tests talk to: namespaces that go away, and users who may do what a test grants them."""

import itertools
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from support.kubernetes import kubeconfig
from support.kubernetes.api import Api, Object, eventually
from support.kubernetes.audit import AuditLog
from support.kubernetes.control_plane import ControlPlane
from support.servers import origin

RBAC = "rbac.authorization.k8s.io/v1"
_TOKEN_SECONDS = 7200


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with bounded rights: the file that makes a program this user, and a client that is."""

    name: str
    kubeconfig: Path
    api: Api


class Cluster:
    """A running cluster, seen as its administrator. `control_plane` is None for one that was given."""

    def __init__(self, kubeconfig_path: Path, folder: Path, control_plane: ControlPlane | None = None) -> None:
        self.kubeconfig = kubeconfig_path
        self.api = Api(kubeconfig.read(kubeconfig_path))
        self._given = control_plane
        self._folder = folder
        self._numbers = itertools.count(1)
        self._prefix = f"test-{secrets.token_hex(3)}"

    @property
    def control_plane(self) -> ControlPlane:
        """Its processes, to kill and restart; the test is skipped on a cluster that was given."""
        if self._given is None:
            origin.skip("the cluster of TEST_KUBECONFIG is not ours to stop or to look into")
        return self._given

    @property
    def audit_log(self) -> AuditLog:
        """What was asked of it; the test is skipped on a cluster that was given."""
        return AuditLog(self.control_plane.audit_log)

    def version(self) -> str:
        """The release it says it is."""
        return str(self.api.request("GET", "/version").json()["gitVersion"])

    @contextmanager
    def namespace(self, labels: Mapping[str, str] | None = None) -> Generator[str]:
        """A namespace no other test has, deleted afterwards without waiting for its end."""
        name = f"{self._prefix}-{next(self._numbers)}"
        manifest: Object = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": dict(labels or {})},
        }
        self.api.create(manifest)
        # Until it is there, pods of the namespace are refused.
        eventually(lambda: self.api.find("v1", "ServiceAccount", "default", name), lambda found: found is not None)
        try:
            yield name
        finally:
            self.api.delete(manifest)

    def user(
        self,
        namespace: str,
        rules: Sequence[Mapping[str, object]],
        *,
        cluster_rules: Sequence[Mapping[str, object]] = (),
        user_agent: str = "elasticdash-tests",
    ) -> User:
        """A service account that may do what these RBAC rules say in its namespace, and `cluster_rules` everywhere.

        Its cluster-wide rights are named after the namespace and stay until the cluster ends.
        """
        name = f"user-{next(self._numbers)}"
        account: Object = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": namespace},
        }
        self.api.create(account)
        self.grant(name, namespace, rules)
        if cluster_rules:
            self.grant_everywhere(name, namespace, cluster_rules)
        return self.account(name, namespace, user_agent=user_agent)

    def account(self, name: str, namespace: str, *, user_agent: str = "elasticdash-tests") -> User:
        """A service account that exists, with a token of two hours."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": _TOKEN_SECONDS},
        }
        token = self.api.request("POST", path, json=body).json()["status"]["token"]
        access = replace(self.api.access, pair=None, token=token)
        file = kubeconfig.write(self._folder / f"{namespace}-{name}.kubeconfig", access)
        return User(f"system:serviceaccount:{namespace}:{name}", file, Api(access, user_agent))

    def grant(self, account: str, namespace: str, rules: Sequence[Mapping[str, object]]) -> None:
        """Rights of a service account in its namespace, in place of what it was granted there before."""
        metadata = {"name": account, "namespace": namespace}
        self.api.apply({"apiVersion": RBAC, "kind": "Role", "metadata": metadata, "rules": list(rules)})
        self.api.apply(_binding("Role", account, namespace, metadata))

    def grant_everywhere(self, account: str, namespace: str, rules: Sequence[Mapping[str, object]]) -> None:
        """Rights of a service account in the whole cluster, in place of what it was granted there before."""
        metadata = {"name": f"{namespace}-{account}"}
        self.api.apply({"apiVersion": RBAC, "kind": "ClusterRole", "metadata": metadata, "rules": list(rules)})
        self.api.apply(_binding("ClusterRole", account, namespace, metadata))


def _binding(kind: str, account: str, namespace: str, metadata: Mapping[str, str]) -> Object:
    return {
        "apiVersion": RBAC,
        "kind": f"{kind}Binding",
        "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": metadata["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }
