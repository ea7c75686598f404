"""Copies what a project defines, apart from what it recorded: score configs, models, prompts."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import structlog

from elasticdash.shared import errors
from elasticdash.standalone.importing.api_client import ApiClient, Json

log = structlog.get_logger()

_PAGE_SIZE = 50
_CONFIG_FIELDS = ("name", "dataType", "minValue", "maxValue", "categories", "description")
_MODEL_FIELDS = (
    "modelName", "matchPattern", "startDate", "unit", "inputPrice", "outputPrice", "totalPrice", "tokenizerId",
    "tokenizerConfig",
)  # fmt: skip
_PROMPT_FIELDS = ("name", "type", "prompt", "config", "tags", "commitMessage")
# Set by the store on whatever version is newest.
_LATEST = "latest"


def copy_score_configs(source: ApiClient, target: ApiClient, known: Mapping[str, str]) -> dict[str, str]:
    """Ids of score configs in the target by their ids in the source; those of `known` are there already."""
    config_ids = dict(known)
    present = {(config["name"], config["dataType"]): config["id"] for config in every(target, "/score-configs")}
    for config in every(source, "/score-configs"):
        if config["id"] in config_ids or config.get("isArchived"):
            continue
        found = present.get((config["name"], config["dataType"]))
        config_ids[config["id"]] = found or target.post("/score-configs", picked(config, _CONFIG_FIELDS))["id"]
    return config_ids


def copy_models(source: ApiClient, target: ApiClient) -> int:
    """Models that the project defined itself; returns how many were created."""
    present = {_model_key(model) for model in every(target, "/models") if not model["isLangfuseManaged"]}
    wanted = [model for model in every(source, "/models") if not model["isLangfuseManaged"]]
    missing = [model for model in wanted if _model_key(model) not in present]
    for model in missing:
        target.post("/models", picked(model, _MODEL_FIELDS))
    return len(missing)


def copy_prompts(source: ApiClient, target: ApiClient) -> int:
    """Versions of prompts that the target lacks, in their order; returns how many were created.

    Versions are numbered by the target: where the source has deleted some, numbers differ, and a warning says so.
    """
    missing = deque[tuple[str, Sequence[int]]]()
    for prompt in every(source, "/v2/prompts"):
        name = str(prompt["name"])
        if versions := sorted(set(prompt["versions"]) - _versions_of(target, name)):
            missing.append((name, versions))
    created = refused = 0
    while missing:
        name, versions = missing.popleft()
        try:
            for version in versions:
                _copy_prompt_version(source, target, name, version)
                created, refused, versions = created + 1, 0, versions[1:]
        except errors.InvalidRequestError:
            # What quotes another prompt waits until that is there.
            missing.append((name, versions))
            refused += 1
            if refused == len(missing):
                raise
    return created


def _copy_prompt_version(source: ApiClient, target: ApiClient, name: str, version: int) -> None:
    found = source.get(f"/v2/prompts/{_quoted(name)}", {"version": version, "resolve": "false"})
    labels = [label for label in found["labels"] if label != _LATEST]
    answer = target.post("/v2/prompts", {**picked(found, _PROMPT_FIELDS), "labels": labels})
    if answer["version"] != version:
        log.warning("prompt_version_renumbered", prompt=name, source=version, target=answer["version"])


def _versions_of(api: ApiClient, name: str) -> set[int]:
    listed = api.get("/v2/prompts", {"name": name, "limit": 1})["data"]
    return {version for prompt in listed if prompt["name"] == name for version in prompt["versions"]}


def every(api: ApiClient, path: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Json]:
    """All items of a list, page by page; none, with a warning, where the API has no such list."""
    number = 1
    try:
        while page := api.page(path, parameters or {}, number, _PAGE_SIZE):
            yield from page
            number += 1
    except errors.NotFoundError:
        log.warning("list_missing", api=api.base_url, path=path)


def _model_key(model: Json) -> tuple[Any, ...]:
    return model["modelName"], model["matchPattern"], model.get("startDate"), model.get("unit")


def picked(item: Json, fields: tuple[str, ...]) -> dict[str, Any]:
    """The fields of an item that say something."""
    return {field: item[field] for field in fields if item.get(field) is not None}


def _quoted(name: str) -> str:
    return quote(name, safe="")
