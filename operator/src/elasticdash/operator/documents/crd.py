"""Resource definitions, made from the models: `python -m elasticdash.operator.documents.crd FOLDER…` writes them."""

import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, NoDefault
from pydantic_core import core_schema

from elasticdash.operator.api import logger, project, types
from elasticdash.operator.api.types import Json
from elasticdash.operator.naming import labels

MAX_BYTES = 200_000
_HEADER = "# Made from the models in operator/src/elasticdash/operator/api: change those and run `make gen`.\n"
_NOT_STRUCTURAL = frozenset({"title", "$defs"})


class _Structural(GenerateJsonSchema):
    """Shows every default, also what a factory makes."""

    def get_default_value(self, schema: core_schema.WithDefaultSchema) -> Any:
        factory = cast("Any", schema.get("default_factory"))
        default = factory() if factory is not None else schema.get("default", NoDefault)
        return NoDefault if default is None else default

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return types.text_from_duration(dft)
        if isinstance(dft, BaseModel):
            # Whole, with what fields below have as their own default: rules are tried on it as it stands here.
            return dft.model_dump(mode="json", by_alias=True, exclude_none=True)
        return super().encode_default(dft)


def schema_of(model: type[BaseModel]) -> dict[str, Json]:
    """The model's structural schema: no references, no titles, no null, every default."""
    document = model.model_json_schema(by_alias=True, schema_generator=_Structural)
    return cast("dict[str, Json]", _structural(document, document.get("$defs", {})))


def _structural(node: Json, definitions: Mapping[str, Json]) -> Json:
    if isinstance(node, list):
        return [_structural(item, definitions) for item in cast("list[Json]", node)]
    if not isinstance(node, dict):
        return node
    found = cast("dict[str, Json]", node)
    if "$ref" in found:
        target = definitions[found["$ref"].rpartition("/")[2]]
        return _structural({**target, **{key: value for key, value in found.items() if key != "$ref"}}, definitions)
    choices = [choice for choice in found.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        rest = {key: value for key, value in found.items() if key != "anyOf"}
        return _structural({**choices[0], **rest}, definitions)
    result: dict[str, Json] = {}
    for key, value in found.items():
        if key in ("properties", "patternProperties"):
            result[key] = {name: _structural(child, definitions) for name, child in value.items()}
        elif key in ("default", "enum", types.RULES):
            result[key] = value
        elif key not in _NOT_STRUCTURAL:
            result[key] = _structural(value, definitions)
    return result


def _root(model: type[types.Model]) -> dict[str, Json]:
    schema = schema_of(model)
    properties = cast("dict[str, Json]", schema["properties"])
    properties["status"].pop("default")
    head: dict[str, Json] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
    }
    return {**schema, "properties": {**head, **properties}}


def _condition(name: str, field: str) -> str:
    return f'.status.conditions[?(@.type=="{name}")].{field}'


def _column(name: str, path: str, kind: str = "string", *, is_wide: bool = False) -> dict[str, Json]:
    return {"name": name, "type": kind, "jsonPath": path, **({"priority": 1} if is_wide else {})}


def _definition(kind: str, plural: str, short: str, version: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{labels.GROUP}"},
        "spec": {
            "group": labels.GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": kind.lower(),
                "shortNames": [short],
                "categories": ["elasticdash"],
            },
            "versions": [{"name": labels.VERSION, "served": True, "storage": True, **version}],
        },
    }


def _logger_definition() -> dict[str, Json]:
    version: dict[str, Json] = {
        "additionalPrinterColumns": [
            _column("Version", ".status.version.running"),
            _column("Ready", _condition("Ready", "status")),
            _column("Phase", ".status.phase"),
            _column("Web", ".status.web.summary"),
            _column("Workers", ".status.worker.summary"),
            _column("Queue", ".status.worker.queue.depth", "integer"),
            _column("Migration", _condition("MigrationsApplied", "reason"), is_wide=True),
            _column("URL", ".status.endpoints.external", is_wide=True),
            _column("Age", ".metadata.creationTimestamp", "date"),
        ],
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.worker.replicas",
                "statusReplicasPath": ".status.worker.replicas",
                "labelSelectorPath": ".status.worker.selector",
            },
        },
        "schema": {"openAPIV3Schema": _root(logger.Logger)},
    }
    return _definition("ElasticDashLogger", "elasticdashloggers", "edl", version)


def _project_definition() -> dict[str, Json]:
    version: dict[str, Json] = {
        "additionalPrinterColumns": [
            _column("Logger", ".spec.loggerRef.name"),
            _column("Project", ".status.projectId"),
            _column("Secret", ".status.secretName"),
            _column("Ready", _condition("Ready", "status")),
            _column("Age", ".metadata.creationTimestamp", "date"),
        ],
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": _root(project.Project)},
    }
    return _definition("ElasticDashProject", "elasticdashprojects", "edp", version)


def definitions() -> list[dict[str, Json]]:
    """Both CustomResourceDefinitions."""
    return [_logger_definition(), _project_definition()]


def files() -> dict[str, str]:
    """The text of each file by its name."""
    return {
        f"{definition['spec']['names']['plural']}.yaml": _HEADER
        + yaml.safe_dump(definition, sort_keys=False, allow_unicode=True, width=120)
        for definition in definitions()
    }


def main(folders: list[str]) -> None:
    """Writes the files into each folder."""
    for folder in folders:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, text in files().items():
            (Path(folder) / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
