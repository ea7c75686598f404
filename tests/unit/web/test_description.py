"""The description of the API names the answers that are really given."""

from typing import Any

import pytest
from fastapi import FastAPI

from elasticdash.web.public_api.health import routes as health
from elasticdash.web.public_api.models import routes as models
from elasticdash.web.public_api.projects import routes as projects
from elasticdash.web.public_api.prompts import routes as prompts
from elasticdash.web.public_api.score_configs import routes as score_configs


def _operations() -> list[Any]:
    app = FastAPI()
    for resource in (health, models, projects, prompts, score_configs):
        app.include_router(resource.router)
    paths = app.openapi()["paths"]
    return [
        pytest.param(operation, id=operation["operationId"]) for path in paths.values() for operation in path.values()
    ]


@pytest.mark.parametrize("operation", _operations())
def test_refusals_are_described_and_422_is_not_promised(operation: dict[str, Any]):
    statuses = set(operation["responses"])

    assert "422" not in statuses
    assert {"4XX", "503"} < statuses
