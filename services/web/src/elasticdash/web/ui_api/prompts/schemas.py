"""What the pages about prompts get."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from elasticdash.web.wire import Timestamp, WireModel

MAX_PAGE = 100


class PromptShape(WireModel):
    """A prompt in the list; `versions` ascend."""

    name: str
    type: Literal["text", "chat"]
    versions: list[int]
    labels: list[str]
    tags: list[str]
    last_updated_at: Timestamp


class PromptsShape(WireModel):
    """A page of prompts; `next` is the offset of what comes after, null at the end."""

    prompts: list[PromptShape]
    next: int | None


class PromptVersionShape(WireModel):
    """One version without what it says."""

    id: str
    version: int
    labels: list[str]
    commit_message: str | None
    created_at: Timestamp


class PromptVersionsShape(WireModel):
    """All versions of a prompt, newest first."""

    versions: list[PromptVersionShape]


class PromptContentShape(WireModel):
    """What one version says: a text, or a list of messages and placeholders; `config` is the sender's own JSON."""

    type: Literal["text", "chat"]
    prompt: Any
    config: Any
    tags: list[str]


Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
