"""Saved views as pages keep and read them."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from elasticdash.shared.postgres.saved_views import ViewKind
from elasticdash.web.wire import STORABLE, Text, WireModel

_MAX_CONTENT_CHARACTERS = 20_000


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value)) > _MAX_CONTENT_CHARACTERS:
        raise ValueError(f"must have {_MAX_CONTENT_CHARACTERS} characters or fewer")
    return value


Content = Annotated[dict[str, Any], STORABLE, AfterValidator(_small)]
Name = Annotated[Text, Field(min_length=1, max_length=100)]


class SavedViewShape(WireModel):
    """One saved view."""

    id: str
    kind: ViewKind
    name: str
    content: dict[str, Any]


class SavedViewsShape(WireModel):
    """All of a kind, oldest first."""

    views: list[SavedViewShape]


class ReplaceViewRequest(WireModel):
    """What a view is called and shows."""

    name: Name
    content: Content


class CreateViewRequest(ReplaceViewRequest):
    """A new view of a page."""

    kind: ViewKind
