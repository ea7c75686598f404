"""What the pages about one project's settings ask for and get."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field, StringConstraints

from elasticdash.shared import errors
from elasticdash.shared.postgres.audit import EntryPosition
from elasticdash.web import cursors
from elasticdash.web.public_api.projects.schemas import Retention
from elasticdash.web.wire import OptionalText, Text, Timestamp, WireModel

_MAX_ROWS = 200


class ProjectSettingsShape(WireModel):
    """One project; `retention_days` is null when traces are kept forever."""

    id: str
    name: str
    organization_id: str
    organization_name: str
    retention_days: int | None
    created_at: Timestamp


class ChangeProjectRequest(WireModel):
    """What the project becomes; retention is in days, 0 keeps everything."""

    name: Annotated[Text, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)]
    retention_days: Retention


class ListAuditLogQuery(WireModel):
    """A page of changes, newest first."""

    cursor: OptionalText = None
    limit: Annotated[int, Field(ge=1, le=_MAX_ROWS)] = 50

    def position(self) -> EntryPosition | None:
        """Where the page begins; InvalidRequestError for a cursor that is none."""
        if not self.cursor:
            return None
        text, entry_id = cursors.decode(self.cursor, str)
        try:
            return EntryPosition(datetime.fromisoformat(text), entry_id)
        except ValueError as error:
            raise errors.InvalidRequestError("Invalid cursor") from error


class AuditEntryShape(WireModel):
    """Who changed what, and when."""

    id: str
    at: Timestamp
    actor_type: str
    actor: str
    action: str
    resource_type: str
    resource_id: str


class AuditLogShape(WireModel):
    """A page; `next` asks for the one after it, null on the last."""

    entries: list[AuditEntryShape]
    next: str | None


AuditLogQuery = Annotated[ListAuditLogQuery, Query()]
