"""What the API takes and says about prompts."""

import json
import re
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, model_validator

from elasticdash.shared.domain import prompt_references
from elasticdash.shared.postgres.models.prompts import PromptRow
from elasticdash.shared.postgres.prompt_quotes import Resolved
from elasticdash.shared.postgres.prompts import LATEST, PRODUCTION, PromptFields, PromptSummary
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import StoredJson, Text, Timestamp, WireModel

_RESERVED_NAMES = {"new", "metrics", "prompt-detail"}
_HTML = re.compile(r"<[^>]*>")
_LABEL = re.compile(r"[a-z0-9_\-.]+")
_MAX_VERSION = 2**31 - 1
# As Langfuse finds the variables of a prompt.
_VARIABLE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


def _checked_name(value: str) -> str:
    if value.startswith("/") or value.endswith("/") or "//" in value:
        raise ValueError("must not begin or end with / or contain //")
    if "|" in value or _HTML.search(value):
        raise ValueError("must not contain | or HTML")
    if value in _RESERVED_NAMES:
        raise ValueError(f"must not be {value!r}")
    return value


def _checked_label(value: str) -> str:
    if not _LABEL.fullmatch(value):
        raise ValueError("must consist of a-z, 0-9, _ - and .")
    if value == LATEST:
        raise ValueError(f"{LATEST!r} is always on the newest version and can't be set")
    return value


Name = Annotated[Text, Field(min_length=1), AfterValidator(_checked_name)]
Label = Annotated[str, Field(min_length=1, max_length=36), AfterValidator(_checked_label)]
Version = Annotated[int, Field(ge=1, le=_MAX_VERSION)]


class CreatePromptRequest(WireModel):
    """A new version of a prompt."""

    name: Name
    type: Literal["text", "chat"] | None = None
    prompt: StoredJson
    config: StoredJson = None
    labels: list[Label] | None = None
    tags: list[Text] | None = None
    commit_message: Annotated[Text, Field(max_length=500)] | None = None
    is_active: bool | None = None

    @model_validator(mode="after")
    def _prompt_fits_type(self) -> "CreatePromptRequest":
        if self.type == "chat":
            _require_messages(self.prompt)
        elif not isinstance(self.prompt, str):
            raise ValueError("prompt must be a text for type text")
        if broken := prompt_references.broken(self.prompt):
            raise ValueError(f"prompt must quote by name=…|version=… or name=…|label=…, not {broken[0][:200]!r}")
        return self

    def fields(self) -> PromptFields:
        """The same for the store; a prompt that is active carries the label of production."""
        labels = [*(self.labels or []), *([PRODUCTION] if self.is_active else [])]
        return PromptFields(
            name=self.name,
            type=self.type or "text",
            prompt=self.prompt,
            config=self.config if self.config is not None else {},
            labels=labels,
            tags=self.tags,
            commit_message=self.commit_message,
        )


class UpdatePromptVersionRequest(WireModel):
    """Labels a version is to get. What else is sent is ignored: JavaScript SDKs repeat the name and the version."""

    new_labels: list[Label]


class QuotedPrompt(WireModel):
    """A version in a graph of quotes."""

    name: str
    version: int
    id: str

    @classmethod
    def from_row(cls, row: PromptRow) -> "QuotedPrompt":
        """What the graph says of a version."""
        return cls(name=row.name, version=row.version, id=row.id)


class ResolutionGraph(WireModel):
    """Which versions a prompt quotes; `dependencies` by the id of the one that quotes."""

    root: QuotedPrompt
    dependencies: dict[str, list[QuotedPrompt]]


class PromptResponse(WireModel):
    """One version of a prompt."""

    id: str
    created_at: Timestamp
    updated_at: Timestamp
    project_id: str
    created_by: str
    name: str
    version: int
    type: Literal["text", "chat"]
    prompt: Any
    config: Any
    tags: list[str]
    labels: list[str]
    commit_message: str | None
    is_active: bool
    resolution_graph: ResolutionGraph | None = None

    @classmethod
    def from_row(cls, row: PromptRow) -> "PromptResponse":
        """The version as it was created, with the tags of what it quotes."""
        shown = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(**shown, is_active=PRODUCTION in row.labels)

    @classmethod
    def resolved(cls, row: PromptRow, found: Resolved) -> "PromptResponse":
        """The version with what it quotes in place of the tags."""
        quotes = {
            id_: [QuotedPrompt.from_row(one) for one in quoted] for id_, quoted in found.quoted_by_id.items() if quoted
        }
        graph = ResolutionGraph(root=QuotedPrompt.from_row(row), dependencies=quotes) if quotes else None
        return cls.from_row(row).model_copy(update={"prompt": found.prompt, "resolution_graph": graph})


class PromptSummaryResponse(WireModel):
    """A prompt in a list."""

    name: str
    type: Literal["text", "chat"]
    versions: list[int]
    labels: list[str]
    tags: list[str]
    last_updated_at: Timestamp
    last_config: Any


class PromptsResponse(WireModel):
    """A page of prompts; `pagination` repeats `meta`, as old clients read it there."""

    data: list[PromptSummaryResponse]
    meta: PageMeta
    pagination: PageMeta

    @classmethod
    def from_summaries(cls, summaries: list[PromptSummary], meta: PageMeta) -> "PromptsResponse":
        """The page as the API shows it."""
        data = [PromptSummaryResponse.model_validate(summary) for summary in summaries]
        return cls(data=data, meta=meta, pagination=meta)


def _require_messages(prompt: Any) -> None:
    """ValueError for what is not a list of messages and placeholders, or where a name could mean either."""
    if not isinstance(prompt, list):
        raise ValueError("prompt must be a list of messages for type chat")
    messages = cast(list[Any], prompt)  # decoded JSON
    placeholders = [name for message in messages if (name := _placeholder(message))]
    said = json.dumps(messages, ensure_ascii=False)
    variables = set(_VARIABLE.findall(said)) if placeholders else set[str]()
    for name in placeholders:
        if name in variables:
            raise ValueError(f"{name!r} must not be a placeholder and a variable")


def _placeholder(message: Any) -> str | None:
    """The name of a placeholder; None for a message. ValueError for what is neither."""
    if not isinstance(message, dict):
        raise ValueError("every message must be an object")
    fields = cast(dict[str, Any], message)  # decoded JSON
    if fields.get("type") == "placeholder":
        if not isinstance(fields.get("name"), str) or not fields["name"]:
            raise ValueError("a placeholder must have a name")
        return fields["name"]
    if not isinstance(fields.get("role"), str) or "content" not in fields:
        raise ValueError("a message must have a role and a content")
    return None
