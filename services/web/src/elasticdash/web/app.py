"""Wires the web service: routes, errors, cross-origin rules."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from elasticdash.web import documentation, error_responses, ui_app
from elasticdash.web.admin_api import key_routes
from elasticdash.web.admin_api import routes as admin
from elasticdash.web.ingest import legacy_routes
from elasticdash.web.ingest import routes as ingest_routes
from elasticdash.web.media import content_routes as media_content
from elasticdash.web.public_api.annotation_queues import routes as annotation_queues
from elasticdash.web.public_api.comments import routes as comments
from elasticdash.web.public_api.dataset_items import routes as dataset_items
from elasticdash.web.public_api.dataset_run_items import routes as dataset_run_items
from elasticdash.web.public_api.datasets import routes as datasets
from elasticdash.web.public_api.experiments import routes as experiments
from elasticdash.web.public_api.health import routes as health
from elasticdash.web.public_api.llm_connections import routes as llm_connections
from elasticdash.web.public_api.media import routes as media
from elasticdash.web.public_api.metrics import routes as metrics
from elasticdash.web.public_api.models import routes as models
from elasticdash.web.public_api.observations import routes as observations
from elasticdash.web.public_api.organizations import routes as organizations
from elasticdash.web.public_api.projects import administration as project_administration
from elasticdash.web.public_api.projects import routes as projects
from elasticdash.web.public_api.prompts import routes as prompts
from elasticdash.web.public_api.prompts import routes_v1 as prompts_v1
from elasticdash.web.public_api.score_configs import routes as score_configs
from elasticdash.web.public_api.scores import routes as scores
from elasticdash.web.public_api.sessions import routes as sessions
from elasticdash.web.public_api.traces import routes as traces
from elasticdash.web.request_context import REQUEST_ID, RequestContext, RequestRules
from elasticdash.web.services import Services
from elasticdash.web.ui import pages

_RESOURCES = (
    health,
    projects,
    project_administration,
    organizations,
    traces,
    observations,
    sessions,
    scores,
    score_configs,
    models,
    llm_connections,
    prompts,
    prompts_v1,
    datasets,
    dataset_items,
    dataset_run_items,
    experiments,
    media,
    comments,
    annotation_queues,
    metrics,
    admin,
    key_routes,
)


# What a browser's script may read of an answer besides its body.
_EXPOSED_HEADERS = (REQUEST_ID, "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def create_app(services: Services, rules: RequestRules = RequestRules()) -> FastAPI:  # noqa: B008 it is frozen
    """The application on open stores; whoever opened them closes them."""
    app = FastAPI(
        title="ElasticDash Logger",
        version="0.1.0",
        openapi_url=documentation.OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.services = services
    app.router.routes.extend(ingest_routes.ROUTES)
    app.router.routes.extend(legacy_routes.ROUTES)
    app.router.routes.extend(media_content.ROUTES)
    for resource in _RESOURCES:
        app.include_router(resource.router)
    documentation.add_to(app)
    error_responses.add_to(app)
    app.mount(ui_app.PREFIX, ui_app.create_ui_app(services))
    app.router.routes.extend(pages.routes())
    app.add_middleware(_PublicCrossOrigin)
    app.add_middleware(RequestContext, lifecycle=services.lifecycle, rules=rules)
    return app


class _PublicCrossOrigin:
    """Lets pages of any origin use the public API: browser SDKs do, and keys decide who may write. Only that API."""

    def __init__(self, app: ASGIApp) -> None:
        self._same_origin = app
        self._any_origin = CORSMiddleware(
            app,
            allow_origin_regex=".*",
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=_EXPOSED_HEADERS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        is_public = scope["type"] == "http" and not scope["path"].startswith((f"{ui_app.PREFIX}/", f"{admin.PREFIX}/"))
        await (self._any_origin if is_public else self._same_origin)(scope, receive, send)
