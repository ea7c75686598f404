"""What this operator ships: a version of the Logger, and the images everything runs from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from elasticdash.operator.api.components import ComponentImage
from elasticdash.operator.api.logger import Image

VERSION: Final = "0.1.0"

# Path and tag of each, in the registry that nodes take names without one from; web and worker are tagged by version.
IMAGES: Final[Mapping[str, str]] = {
    "web": "elasticdash/elasticdash-web",
    "worker": "elasticdash/elasticdash-worker",
    "postgres": "library/postgres:17",
    "clickhouse": "clickhouse/clickhouse-server:25.8",
    "redis": "valkey/valkey:8",
    "objectstore": "minio/minio:RELEASE.2025-04-22T22-12-26Z",
}


@dataclass(frozen=True, slots=True)
class Release:
    """The version that instances run unless they name one, and where images are.

    `operator_namespace` is where the operator's own pods are; None where it runs outside the cluster.
    """

    version: str = VERSION
    images: Mapping[str, str] = field(default_factory=lambda: IMAGES)
    operator_namespace: str | None = None

    def product_image(self, component: str, image: Image, own: ComponentImage, version: str) -> str:
        """The reference of web's or worker's image."""
        registry, path, tag = _split(self.images[component])
        path = own.repository or path
        ending = f"@{own.digest}" if own.digest else f":{tag or version}"
        return f"{_joined(image.registry or registry, path)}{ending}"

    def store_image(self, component: str, image: Image) -> str:
        """The reference of a bundled store's image."""
        registry, path, tag = _split(self.images[component])
        return f"{_joined(image.registry or registry, path)}{_ending(tag)}"


def shipped(overrides: Mapping[str, str], operator_namespace: str | None = None) -> Release:
    """The release with some images replaced by references of this operator's settings."""
    return Release(images={**IMAGES, **overrides}, operator_namespace=operator_namespace)


def _split(reference: str) -> tuple[str, str, str]:
    """Registry, path and tag or digest of a reference; each may be empty but the path."""
    name, at, digest = reference.partition("@")
    first, slash, rest = name.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, path = (first, rest) if has_registry else ("", name)
    path, _, tag = path.partition(":")
    return registry, path, f"sha256:{digest.removeprefix('sha256:')}" if at else tag


def _joined(registry: str, path: str) -> str:
    return f"{registry.rstrip('/')}/{path}" if registry else path


def _ending(tag: str) -> str:
    if not tag:
        return ""
    return f"@{tag}" if tag.startswith("sha256:") else f":{tag}"
