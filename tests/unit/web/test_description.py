"""The description of the API names the answers that are really given."""

from typing import Any

import pytest
from fastapi import FastAPI

from elasticdash.web import documentation
from elasticdash.web.public_api.health import routes as health
from elasticdash.web.public_api.models import routes as models
from elasticdash.web.public_api.traces import routes as traces

OPEN_TO_ALL = {"/api/public/health", "/api/public/ready"}


def _operations() -> list[Any]:
    app = FastAPI(docs_url=None, swagger_ui_oauth2_redirect_url=None)
    for resource in (health, models, traces):
        app.include_router(resource.router)
    documentation.add_to(app)
    return [
        pytest.param(path, operation, id=operation["operationId"])
        for path, operations in app.openapi()["paths"].items()
        for operation in operations.values()
    ]


@pytest.mark.parametrize(("path", "operation"), _operations())
def test_refusals_are_described_in_the_shape_that_is_sent(path: str, operation: dict[str, Any]):
    answers = operation["responses"]

    assert {"400", "401", "403", "404", "405", "409", "413", "422", "503"} < set(answers)
    assert "HTTPValidationError" not in str(answers)


@pytest.mark.parametrize(("path", "operation"), _operations())
def test_only_health_needs_no_key(path: str, operation: dict[str, Any]):
    assert (operation.get("security") == []) == (path in OPEN_TO_ALL)
