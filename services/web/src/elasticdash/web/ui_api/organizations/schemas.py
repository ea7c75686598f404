"""What the pages about an organization ask for and get."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from elasticdash.shared.domain.roles import Role
from elasticdash.web.public_api.projects.schemas import Retention
from elasticdash.web.wire import Text, Timestamp, WireModel

OrganizationName = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
ProjectName = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)]
Email = Annotated[Text, StringConstraints(strip_whitespace=True, pattern=r"^[^\s@]+@[^\s@]+$", max_length=320)]
GivenRole = Literal[Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER]


class OrganizationRequest(WireModel):
    """What an organization is called."""

    name: OrganizationName


class CreatedShape(WireModel):
    """The id of what is new."""

    id: str


class CreateProjectRequest(WireModel):
    """A new project; retention is in days, 0 keeps everything."""

    name: ProjectName
    retention_days: Retention = 0


class MemberShape(WireModel):
    """A person in the organization; `last_seen_at` is null for who is not signed in anywhere."""

    user_id: str
    email: str
    name: str | None
    role: Role
    since: Timestamp
    last_seen_at: Timestamp | None


class MembersShape(WireModel):
    """Everyone with a role, by address."""

    members: list[MemberShape]


class AddMemberRequest(WireModel):
    """Who gets which role."""

    email: Email
    name: Annotated[Text, Field(max_length=100)] | None = None
    role: GivenRole


class AddedMemberShape(WireModel):
    """`password` is for a person who is new here: the only time it is shown; null for who has one or needs none."""

    user_id: str
    password: str | None


class ChangeRoleRequest(WireModel):
    """What a member becomes."""

    role: GivenRole
