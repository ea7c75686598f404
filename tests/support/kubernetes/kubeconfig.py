"""Reads and writes the files that tell a client where a cluster is and who it is there."""

import base64
import json
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.kubernetes.pki import Pair


class KubeconfigNotUsableError(Exception):
    """A kubeconfig names no cluster, or proves who one is in a way that tests do not know."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where a cluster answers and how its client proves who it is: by a pair or by a token."""

    url: str
    authority_pem: str | None
    pair: Pair | None = None
    token: str | None = None

    def ssl_context(self) -> ssl.SSLContext:
        """TLS that accepts this cluster's certificate only."""
        context = ssl.create_default_context(cadata=self.authority_pem)
        # Kubernetes' own authorities leave out what newer Pythons ask of one.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self.pair:
            context.load_cert_chain(self.pair.certificate, self.pair.key)
        return context


def write(path: Path, access: Access) -> Path:
    """The path, now of a kubeconfig only its owner can read that holds everything inline."""
    user: dict[str, str] = {"token": access.token} if access.token else {}
    if access.pair:
        user["client-certificate-data"] = _encoded(access.pair.certificate.read_bytes())
        user["client-key-data"] = _encoded(access.pair.key.read_bytes())
    cluster = {"server": access.url}
    if access.authority_pem:
        cluster["certificate-authority-data"] = _encoded(access.authority_pem.encode())
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return path


def read(path: Path) -> Access:
    """What a kubeconfig's current context says; KubeconfigNotUsableError for plugins and missing parts."""
    config: Any = yaml.safe_load(path.read_text())
    try:
        context = _named(config["contexts"], config["current-context"])["context"]
        cluster = _named(config["clusters"], context["cluster"])["cluster"]
        user = _named(config["users"], context["user"])["user"]
    except (KeyError, TypeError) as error:
        raise KubeconfigNotUsableError(f"{path.name} has no usable current context: {error}") from error
    authority = _content(cluster, "certificate-authority", path)
    certificate, key = _content(user, "client-certificate", path), _content(user, "client-key", path)
    token = user.get("token")
    if not token and not (certificate and key):
        raise KubeconfigNotUsableError(f"{path.name}: its user has neither a token nor a client certificate")
    pair = _pair_of(certificate, key) if certificate and key else None
    return Access(cluster["server"], authority.decode() if authority else None, pair, token)


def _named(entries: Any, name: str) -> Any:
    return {entry["name"]: entry for entry in entries}[name]


def _content(entry: Any, field: str, path: Path) -> bytes | None:
    if f"{field}-data" in entry:
        return base64.b64decode(entry[f"{field}-data"])
    return (path.parent / entry[field]).read_bytes() if field in entry else None


def _pair_of(certificate: bytes, key: bytes) -> Pair:
    # Python's TLS takes a client's pair from files only.
    folder = Path(tempfile.mkdtemp(prefix="kubeconfig-"))
    pair = Pair(folder / "client.crt", folder / "client.key")
    pair.certificate.write_bytes(certificate)
    pair.key.touch(mode=0o600)
    pair.key.write_bytes(key)
    return pair


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
