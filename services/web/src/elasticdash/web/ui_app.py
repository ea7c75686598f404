"""The API of the web UI: an application of its own below /api/ui, with its own description."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware

from elasticdash.web import error_responses
from elasticdash.web.auth import policies
from elasticdash.web.auth.oidc.sign_in import OidcSignIn
from elasticdash.web.auth.sign_in import SignIn
from elasticdash.web.dependencies import MAX_BODY_BYTES
from elasticdash.web.services import Services
from elasticdash.web.ui_api.api_keys import routes as api_keys
from elasticdash.web.ui_api.comments import routes as comments
from elasticdash.web.ui_api.datasets import routes as datasets
from elasticdash.web.ui_api.experiments import routes as experiments
from elasticdash.web.ui_api.media import routes as media
from elasticdash.web.ui_api.media import shared_routes as shared_media
from elasticdash.web.ui_api.metrics import routes as metrics
from elasticdash.web.ui_api.models import routes as models
from elasticdash.web.ui_api.oidc import routes as oidc
from elasticdash.web.ui_api.organizations import routes as organizations
from elasticdash.web.ui_api.project import routes as project
from elasticdash.web.ui_api.prompts import routes as prompts
from elasticdash.web.ui_api.saved_views import routes as saved_views
from elasticdash.web.ui_api.score_configs import routes as score_configs
from elasticdash.web.ui_api.scores import routes as scores
from elasticdash.web.ui_api.session import routes as session
from elasticdash.web.ui_api.trace_export import routes as trace_export
from elasticdash.web.ui_api.trace_groups import routes as trace_groups
from elasticdash.web.ui_api.traces import locating_routes as trace_places
from elasticdash.web.ui_api.traces import routes as traces
from elasticdash.web.ui_api.traces import shared_routes as shared_traces
from elasticdash.web.ui_api.traces import sharing_routes as trace_sharing

PREFIX = "/api/ui"
_RESOURCES = (
    session,
    oidc,
    traces,
    trace_places,
    trace_sharing,
    shared_traces,
    media,
    shared_media,
    trace_export,
    trace_groups,
    scores,
    score_configs,
    comments,
    prompts,
    datasets,
    experiments,
    metrics,
    saved_views,
    api_keys,
    organizations,
    project,
    models,
)


def create_ui_app(services: Services) -> FastAPI:
    """The application to mount at PREFIX; ConfigurationError when a route does not say who may use it."""
    app = described_ui_app()
    app.state.services = services
    sessions, rules = services.keys.sessions, services.sign_in
    app.state.sign_in = SignIn(services.database, sessions, rules)
    app.state.oidc = OidcSignIn(rules.oidc, services.database, sessions) if rules.oidc else None
    return app


def described_ui_app() -> FastAPI:
    """The same without stores: enough to describe itself."""
    app = FastAPI(
        title="ElasticDash UI",
        version="0.1.0",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY_BYTES,
    )
    for route in routes():
        policies.policy_of(route)
    for resource in _RESOURCES:
        app.include_router(resource.router)
    error_responses.add_to(app)
    # Lists and skeletons shrink to a fifth. What is secret here is smaller than this, or sent once.
    app.add_middleware(GZipMiddleware, minimum_size=2048, compresslevel=5)
    return app


def routes() -> Iterator[APIRoute]:
    """Every route of the UI's API, with paths below PREFIX."""
    for resource in _RESOURCES:
        for route in resource.router.routes:
            if isinstance(route, APIRoute):
                yield route
