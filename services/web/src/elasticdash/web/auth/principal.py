"""Who a request speaks for."""

from dataclasses import dataclass
from typing import Literal

from elasticdash.shared import errors
from elasticdash.shared.domain.scope import OrganizationScope, ProjectScope

Access = Literal["project", "scores"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A project, reached with both halves of a key ("project") or its public half alone ("scores")."""

    scope: ProjectScope
    access: Access
    public_key: str
    api_key_id: str


@dataclass(frozen=True, slots=True)
class OrganizationPrincipal:
    """An organization, reached with both halves of one of its keys, or by the instance's administrator."""

    scope: OrganizationScope
    api_key_id: str


class OrganizationKeyError(errors.AccessDeniedError):
    """A valid key that belongs to an organization, where one of a project is needed."""

    def __init__(self) -> None:
        super().__init__(INSUFFICIENT)


INSUFFICIENT = "Access denied - insufficient permissions for this endpoint"
ORGANIZATION_KEY_NEEDED = "Invalid API key. Organization-scoped API key required for this operation."
