"""Serves the built web UI: one page for every address of it, and its files."""

import secrets
from html import escape
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

from elasticdash.web.services import services_of

DIST = Path(__file__).parent / "dist"
# Where people hold links to; what is none of these stays unknown.
_ADDRESSES = (
    "/",
    "/auth/{rest:path}",
    "/project/{rest:path}",
    "/trace/{rest:path}",
    "/public/{rest:path}",
    "/account/{rest:path}",
    "/organization/{rest:path}",
)
# Smaller answers fit one packet as they are.
_SMALL_BYTES = 1024
_NOT_BUILT = (
    "The web UI is not built yet; the API works. Build it in the project's folder with: make ui\n"
    "(`make up` does it by itself.)\n"
)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:{media}; "
    "media-src 'self'{media}; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
    # A shared trace is for who was given its link.
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-cache",
}


def routes(dist: Path = DIST) -> list[BaseRoute]:
    """Routes of the pages and of the files below /ui; without a build, pages that say how to make one."""

    async def page(request: Request) -> Response:
        return _page(request, dist)

    return [
        *(Route(address, page, methods=["GET"], include_in_schema=False) for address in _ADDRESSES),
        Mount("/ui", GZipMiddleware(_Files(directory=dist / "ui", check_dir=False), minimum_size=_SMALL_BYTES)),
    ]


def _page(request: Request, dist: Path) -> Response:
    try:
        html = (dist / "index.html").read_text()
    except FileNotFoundError:
        return PlainTextResponse(_NOT_BUILT, status_code=503)
    nonce = secrets.token_urlsafe(16)
    base = escape(request.scope.get("root_path", "").rstrip("/") + "/", quote=True)
    # The build does not know where it will live, nor this answer's nonce.
    head = f'<head><base href="{base}"><meta name="csp-nonce" content="{nonce}">'
    # Files of traces that an object store keeps come from there: from its folder, and nothing else of it.
    source = services_of(request.app).media.page_source()
    policy = _POLICY.format(nonce=nonce, media=f" {source}" if source else "")
    headers = {**_HEADERS, "Content-Security-Policy": policy}
    return HTMLResponse(html.replace("<head>", head, 1), headers=headers)


class _Files(StaticFiles):
    """Files whose names carry a hash of what is in them, so browsers may keep them."""

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, kept by browsers for a year when its name changes with it."""
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
        )
        return response
