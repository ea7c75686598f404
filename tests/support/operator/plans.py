"""What instances consist of, as files to review: `make gen` writes them, a test compares."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from elasticdash.operator.plan import desired_state
from elasticdash.operator.plan.desired_state import DesiredState
from support.operator import looks

GOLDENS = Path(__file__).parents[2] / "unit" / "operator" / "goldens"

_EXPOSED: Mapping[str, Any] = {
    **looks.PRODUCTION,
    "exposure": {
        "ingress": {"className": "nginx", "tls": {"issuerRef": {"name": "letsencrypt", "kind": "ClusterIssuer"}}},
        "gateway": {"parentRefs": [{"name": "public", "namespace": "gateways"}]},
    },
    "image": {"registry": "mirror.example.com/hub", "pullSecrets": ["mirror"]},
    "tls": {"trustedCaRef": {"name": "obs-platform", "key": "CA"}},
}

CASES: Mapping[str, Callable[[], DesiredState]] = {
    "dev": lambda: looks.plan(looks.DEV),
    "standard": lambda: looks.plan(looks.STANDARD),
    "production": lambda: looks.plan(
        _EXPOSED, given={"obs-platform": {**looks.STORES, "CA": "PEM"}}, capabilities=looks.EVERY_API
    ),
    "before-migration": lambda: desired_state.desired_state(looks.claimed(looks.look(looks.STANDARD)), looks.RELEASE),
}


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are, and never refers to an earlier object."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 the base's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)  # pyright: ignore[reportUnknownMemberType] theirs


_Dumper.add_representer(str, _text)


def golden(case: str) -> str:
    """The objects of a case in their order, as YAML."""
    return yaml.dump_all(CASES[case]().manifests, Dumper=_Dumper, sort_keys=False, width=120)


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for name in CASES:
        (GOLDENS / f"{name}.yaml").write_text(golden(name))
