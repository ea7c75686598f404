"""The CRDs as files: structural, bounded, small, in step with the models."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from elasticdash.operator.documents import crd, field_guide
from support.operator import crd_examples

ROOT = Path(__file__).parents[4]
DEFINITIONS = crd.definitions()


def _nodes(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from _nodes(child, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _nodes(schema[key], f"{path}[]")


def _schema(kind: str) -> dict[str, Any]:
    (found,) = [each for each in DEFINITIONS if each["spec"]["names"]["kind"] == kind]
    return found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


@pytest.mark.parametrize("folder", ["crds", "charts/elasticdash-operator/files/crds"])
@pytest.mark.parametrize("name", list(crd.files()))
def test_files_are_in_step_with_the_models(folder: str, name: str) -> None:
    assert (ROOT / folder / name).read_text() == crd.files()[name]


def test_the_field_reference_is_in_step_with_the_models() -> None:
    assert (ROOT / "docs/guides/operator/fields.md").read_text() == field_guide.render()


@pytest.mark.parametrize("name", list(crd.files()))
def test_a_file_fits_an_annotation(name: str) -> None:
    assert len(crd.files()[name].encode()) < crd.MAX_BYTES


@pytest.mark.parametrize("kind", list(crd_examples.SMALLEST))
def test_every_field_of_a_spec_is_bounded(kind: str) -> None:
    for path, node in _nodes(_schema(kind)["properties"]["spec"]):
        bounded = {
            "string": "enum" in node or "maxLength" in node,
            "array": "maxItems" in node,
            "integer": "minimum" in node and "maximum" in node,
            "object": "additionalProperties" not in node or "maxProperties" in node,
        }
        assert bounded.get(node.get("type", ""), True), path


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda each: each["spec"]["names"]["kind"])
def test_a_schema_has_nothing_a_structural_one_may_not_have(definition: dict[str, Any]) -> None:
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]

    for path, node in _nodes(schema):
        assert not {"$ref", "$defs", "title", "const", "nullable", "exclusiveMinimum"} & node.keys(), path
        assert "type" in node or "x-kubernetes-int-or-string" in node, path
        assert not ("properties" in node and "additionalProperties" in node), path


def test_defaults_are_in_the_schema() -> None:
    spec = _schema("ElasticDashLogger")["properties"]["spec"]["properties"]

    assert spec["profile"]["default"] == "standard"
    # The API server tries rules on a default as it stands, without the defaults below it.
    assert spec["worker"]["default"]["drainTimeout"] == "30s"
    assert spec["worker"]["properties"]["drainTimeout"]["default"] == "30s"
    assert spec["worker"]["properties"]["resources"]["default"] == {
        "requests": {"cpu": "250m", "memory": "512Mi"},
        "limits": {"memory": "1Gi"},
    }
    assert "default" not in spec["exposure"]["properties"]["ingress"]


def test_there_are_many_rules_and_each_message_tells_them_apart() -> None:
    rules = list(crd_examples.broken_rules())

    assert len(rules) >= 25
    for kind, model in {(broken.kind, broken.model) for broken in rules}:
        messages = [broken.rule.message for broken in rules if (broken.kind, broken.model) == (kind, model)]
        assert len(messages) == len(set(messages)), model


def test_files_are_yaml_of_the_definitions() -> None:
    assert [yaml.safe_load(text) for text in crd.files().values()] == DEFINITIONS
