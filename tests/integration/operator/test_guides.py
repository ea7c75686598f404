"""Resources and values in the guides are ones that a real API server and the chart take."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Chart

from elasticdash.operator.api import logger, project
from elasticdash.operator.documents import crd
from support.kubernetes.cluster import Cluster
from support.operator import chart, definitions

GUIDES = Path(__file__).parents[3] / "docs/guides/operator"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HERE_DOCUMENT = re.compile(r"<<YAML\n(.*?)^YAML", re.DOTALL | re.MULTILINE)


def _resources() -> list[Any]:
    found: list[Any] = []
    for guide in sorted(GUIDES.glob("*.md")):
        texts = [*_BLOCK.findall(guide.read_text()), *_HERE_DOCUMENT.findall(guide.read_text())]
        for number, text in enumerate(texts, start=1):
            documents: list[Any] = [each for each in yaml.safe_load_all(text) if "kind" in each]
            found += [pytest.param(each, id=f"{guide.stem}-{number}-{each['kind']}") for each in documents]
    return found


@pytest.mark.parametrize("resource", _resources())
def test_resources_in_guides_are_taken(kubernetes: Cluster, namespace: str, resource: dict[str, Any]) -> None:
    definitions.install(kubernetes.api)
    placed: dict[str, Any] = {**resource, "metadata": {**resource["metadata"], "namespace": namespace}}
    path = kubernetes.api.collection(placed["apiVersion"], placed["kind"], namespace)

    answer = kubernetes.api.request("POST", path, json=placed, params={"dryRun": "All", "fieldValidation": "Strict"})

    assert answer.json()["metadata"]["name"] == resource["metadata"]["name"]


def _has(schema: dict[str, Any], name: str) -> bool:
    first, _, rest = name.partition(".")
    child = schema.get("properties", {}).get(first)
    return child is not None and (not rest or _has(child, rest))


@pytest.mark.parametrize("guide", sorted(GUIDES.glob("*.md")), ids=lambda guide: guide.stem)
def test_fields_that_guides_name_exist(guide: Path) -> None:
    schemas = [crd.schema_of(logger.Logger), crd.schema_of(project.Project)]
    named = set(re.findall(r"`((?:spec|status)\.[A-Za-z0-9.]*[A-Za-z0-9])", guide.read_text()))

    assert [name for name in named if not any(_has(schema, name) for schema in schemas)] == []


def test_values_in_the_table_of_the_install_guide_exist() -> None:
    rows = [line for line in (GUIDES / "install.md").read_text().splitlines() if line.startswith("| ")]
    named = {name for line in rows for name in re.findall(r"`([a-z][A-Za-z.]+)(?:: [^`]*)?`", line.split("|")[2])}
    with Chart.load(chart.CHART) as loaded:
        values: dict[str, Any] = loaded.values

    assert len(named) >= 8
    for name in named:
        if not name.startswith(("spec.", "values.")):
            found: Any = values
            for part in name.split("."):
                assert part in found, name
                found = found[part]
