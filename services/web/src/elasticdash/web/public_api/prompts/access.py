"""Who may use prompts: keys with a secret, of one project, refused in words of these routes."""

from typing import Annotated

from fastapi import Depends, Request

from elasticdash.shared import errors
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web import dependencies


async def _project(request: Request) -> ProjectScope:
    """The caller's project; who has no secret key gets this route's own answer."""
    try:
        return await dependencies.current_project(await dependencies.current_principal(request))
    except errors.AccessDeniedError as error:
        needed = f"Access denied - need to use basic auth with secret key to {request.method} prompts"
        raise errors.AccessDeniedError(needed) from error


PromptProject = Annotated[ProjectScope, Depends(_project)]
