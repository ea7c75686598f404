"""What every route of the UI's API shares: changes come from our own pages only, answers are kept by nobody."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from elasticdash.web.auth import session_cookie


class UiRoute(APIRoute):
    """A route of the UI's API."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind the check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            if session_cookie.is_change(request):
                session_cookie.require_own_page(request)
            response = await handle(request)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return checked
