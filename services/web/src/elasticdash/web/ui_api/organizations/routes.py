"""Organizations: their name, their people, their projects."""

import asyncio
import secrets

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import OrganizationScope
from elasticdash.shared.postgres import members, organizations, projects, users
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.projects import ProjectFields
from elasticdash.shared.security import hash_password
from elasticdash.web.auth.policies import (
    AdministeredOrganization,
    CurrentUser,
    CurrentUserChange,
    OwnedOrganization,
    ViewedOrganization,
)
from elasticdash.web.dependencies import CurrentServices, ReadingSession, WritingSession
from elasticdash.web.ui_api.organizations.schemas import (
    AddedMemberShape,
    AddMemberRequest,
    ChangeRoleRequest,
    CreatedShape,
    CreateProjectRequest,
    MemberShape,
    MembersShape,
    OrganizationRequest,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/organizations", tags=["organizations"], route_class=UiRoute)

_PASSWORD_BYTES = 15


@router.post("", operation_id="createOrganization", status_code=201)
async def create_organization(
    body: OrganizationRequest, user: CurrentUser, session: WritingSession, change: CurrentUserChange
) -> CreatedShape:
    """A new organization, owned by who makes it; AccessDeniedError for who owns none yet."""
    if all(each.role is not Role.OWNER for each in await users.organizations_of(session, user.id)):
        raise errors.AccessDeniedError("Only owners of an organization may make another")
    created = await organizations.create(session, body.name, None, change)
    await members.add(session, created.scope, user.id, Role.OWNER, change)
    return CreatedShape(id=created.id)


@router.patch("/{organization_id}", operation_id="renameOrganization", status_code=204)
async def rename_organization(
    body: OrganizationRequest,
    organization: AdministeredOrganization,
    session: WritingSession,
    change: CurrentUserChange,
) -> None:
    """Call the organization something else."""
    await organizations.rename(session, organization.organization_id, body.name, change)


@router.delete("/{organization_id}", operation_id="deleteOrganization", status_code=204)
async def delete_organization(
    organization: OwnedOrganization, session: WritingSession, change: CurrentUserChange
) -> None:
    """Delete an organization without projects."""
    await organizations.delete(session, organization.organization_id, change)


@router.post("/{organization_id}/projects", operation_id="createProject", status_code=201)
async def create_project(
    body: CreateProjectRequest,
    organization: AdministeredOrganization,
    session: WritingSession,
    change: CurrentUserChange,
) -> CreatedShape:
    """A new project of the organization."""
    fields = ProjectFields(body.name, {}, body.retention_days or None)
    return CreatedShape(id=(await projects.create(session, organization, fields, None, change)).id)


@router.get("/{organization_id}/members", operation_id="listMembers")
async def list_members(organization: ViewedOrganization, session: ReadingSession) -> MembersShape:
    """Everyone with a role."""
    found = await members.list_of(session, organization)
    return MembersShape(members=[MemberShape.model_validate(member) for member in found])


@router.post("/{organization_id}/members", operation_id="addMember", status_code=201)
async def add_member(
    body: AddMemberRequest,
    organization: AdministeredOrganization,
    services: CurrentServices,
    session: WritingSession,
    change: CurrentUserChange,
) -> AddedMemberShape:
    """Give a person a role. Who is new here gets a password, which is shown now and never again.

    Where nobody signs in by password there is none: the provider lets them in by their verified e-mail.
    """
    await _require_reach(session, organization, change.actor.id, body.role)
    known = await users.find_by_email(session, body.email)
    needs_password = known is None and services.sign_in.has_passwords
    password = secrets.token_urlsafe(_PASSWORD_BYTES) if needs_password else None
    if known is None:
        known = await _new_user(session, body, password, change)
    await members.add(session, organization, known.id, Role(body.role), change)
    return AddedMemberShape(user_id=known.id, password=password)


@router.patch("/{organization_id}/members/{user_id}", operation_id="changeRole", status_code=204)
async def change_role(
    user_id: str,
    body: ChangeRoleRequest,
    organization: AdministeredOrganization,
    session: WritingSession,
    change: CurrentUserChange,
) -> None:
    """Make a member something else; nobody changes or makes what is above themselves."""
    present = await members.role_of(session, organization, user_id)
    await _require_reach(session, organization, change.actor.id, present, body.role)
    await members.change_role(session, organization, user_id, Role(body.role), change)


@router.delete("/{organization_id}/members/{user_id}", operation_id="removeMember", status_code=204)
async def remove_member(
    user_id: str,
    organization: AdministeredOrganization,
    session: WritingSession,
    change: CurrentUserChange,
) -> None:
    """Take a member's role away, with it all they could see."""
    await _require_reach(session, organization, change.actor.id, await members.role_of(session, organization, user_id))
    await members.remove(session, organization, user_id, change)


async def _require_reach(session: AsyncSession, organization: OrganizationScope, user_id: str, *roles: Role) -> None:
    own = await users.role_in_organization(session, user_id, organization)
    for role in roles:
        if not own.reaches(role):
            raise errors.AccessDeniedError(f"As {own} you can't make or change members who are {role}")


async def _new_user(session: AsyncSession, body: AddMemberRequest, password: str | None, change: Change) -> users.User:
    password_hash = await asyncio.to_thread(hash_password, password) if password else None
    return await users.create(session, body.email, (body.name or "").strip() or None, password_hash, change)
