"""The operator's chart, rendered by Helm: its objects, and the goldens: `python -m support.operator.chart`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart

ROOT = Path(__file__).parents[3]
CHART = ROOT / "charts/elasticdash-operator"
GOLDENS = ROOT / "tests/unit/operator/chart/goldens"
_DIGEST = "sha256:" + "0123456789abcdef" * 4

# Values that matter, by the name of their golden.
CASES: dict[str, dict[str, Any]] = {
    "default": {},
    "namespaced": {"watchNamespaces": ["team-a", "team-b"], "crds": {"install": False}},
    "air-gap": {
        "image": {"registry": "registry.example.com:5000/mirror", "digest": _DIGEST},
        "imagePullSecrets": ["mirror"],
        "instanceImages": {"postgres": f"registry.example.com:5000/mirror/postgres@{_DIGEST}", "redis": "valkey:8"},
    },
    "logger-elsewhere": {"test": {"logger": "logger", "namespace": "team-a"}},
    "monitored": {"metrics": {"serviceMonitor": {"create": True, "interval": "1m", "labels": {"release": "prom"}}}},
    "one-replica": {
        "replicas": 1,
        "serviceAccount": {"create": False, "name": "given"},
        "rbac": {"create": False},
        "nodeSelector": {"pool": "system"},
        "tolerations": [{"key": "system", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "system-cluster-critical",
        "podAnnotations": {"a": "b"},
        "podLabels": {"c": "d"},
    },
}


def objects(
    values: Mapping[str, Any], release: str = "elasticdash", namespace: str = "logging"
) -> list[dict[str, Any]]:
    """Everything the chart makes of these values, test pods included, by kind and name."""
    with Chart.load(CHART) as chart:
        rendered = chart.render(dict(values), name=release, namespace=namespace)
    found = [
        document
        for path, text in rendered.items()
        if not path.endswith(".txt")
        for document in yaml.load_all(text, yaml.CSafeLoader)
        if document
    ]
    return sorted(
        found, key=lambda each: (each["kind"], each["metadata"]["name"], each["metadata"].get("namespace", ""))
    )


def golden(values: Mapping[str, Any]) -> str:
    """The text of a golden: everything but the resource definitions, which are files of their own."""
    kept = [each for each in objects(values) if each["kind"] != "CustomResourceDefinition"]
    return yaml.safe_dump_all(kept, sort_keys=True, width=120)


if __name__ == "__main__":
    for name, case in CASES.items():
        (GOLDENS / f"{name}.yaml").write_text(golden(case))
