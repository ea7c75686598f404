"""Who is signed in, and what signing in takes."""

from typing import Annotated

from pydantic import Field

from elasticdash.shared.domain.roles import Role
from elasticdash.web.auth.sign_in import MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS
from elasticdash.web.wire import WireModel


class UserShape(WireModel):
    """The person who is signed in."""

    id: str
    email: str
    name: str | None


class ProjectShape(WireModel):
    """A project the person may see."""

    id: str
    name: str


class OrganizationShape(WireModel):
    """An organization the person belongs to, with what they may do there."""

    id: str
    name: str
    role: Role
    projects: list[ProjectShape]


class SignedInShape(WireModel):
    """Who is signed in; `csrf_token` has to come back in a header with every change."""

    user: UserShape
    csrf_token: str
    organizations: list[OrganizationShape]


class SessionShape(WireModel):
    """`signed_in` is null for nobody."""

    signed_in: SignedInShape | None


class SignInMethodsShape(WireModel):
    """The ways to sign in; `provider` is what the provider to sign in with is called, null without one."""

    has_passwords: bool
    provider: str | None


class SignInRequest(WireModel):
    """The form on the sign-in page."""

    email: Annotated[str, Field(max_length=320)]
    password: Annotated[str, Field(max_length=MAX_PASSWORD_CHARACTERS, repr=False)]


class ChangePasswordRequest(WireModel):
    """The form on the account page."""

    current_password: Annotated[str, Field(max_length=MAX_PASSWORD_CHARACTERS, repr=False)]
    new_password: Annotated[
        str, Field(min_length=MIN_PASSWORD_CHARACTERS, max_length=MAX_PASSWORD_CHARACTERS, repr=False)
    ]
