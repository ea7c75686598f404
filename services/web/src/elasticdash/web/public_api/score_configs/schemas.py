"""What the API takes and says about score configs."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from elasticdash.shared.domain.score_rules import ScoreCategory
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.shared.postgres.score_configs import ScoreConfigFields
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import Text, Timestamp, WireModel

_NAME = re.compile(r"[\w .()\-]+")


def _checked_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("must consist of letters, digits, spaces and _ . ( ) -")
    return value


Name = Annotated[str, Field(min_length=1, max_length=35), AfterValidator(_checked_name)]
Bound = Annotated[float, Field(allow_inf_nan=False)]
DataType = Literal["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT"]


class CategoryBody(WireModel):
    """A label of a categorical score and its number."""

    label: Annotated[Text, Field(min_length=1)]
    value: Bound


Categories = list[CategoryBody]


class CreateScoreConfigRequest(WireModel):
    """A new score config."""

    name: Name
    data_type: DataType
    min_value: Bound | None = None
    max_value: Bound | None = None
    categories: Categories | None = None
    description: Text | None = None

    def fields(self) -> ScoreConfigFields:
        """The same for the store."""
        return ScoreConfigFields(
            name=self.name,
            data_type=ScoreDataType(self.data_type),
            min_value=self.min_value,
            max_value=self.max_value,
            categories=_categories(self.categories),
            description=self.description,
        )


class UpdateScoreConfigRequest(WireModel):
    """What changes; null and absent leave a field as it is."""

    name: Name | None = None
    is_archived: bool | None = None
    min_value: Bound | None = None
    max_value: Bound | None = None
    categories: Categories | None = None
    description: Text | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> "UpdateScoreConfigRequest":
        if not self.changes():
            raise ValueError("at least one field must be given")
        return self

    def changes(self) -> dict[str, Any]:
        """Given fields by the name the store has for them."""
        given = {
            "name": self.name,
            "is_archived": self.is_archived,
            "min_value": self.min_value,
            "max_value": self.max_value,
            "categories": _categories(self.categories),
            "description": self.description,
        }
        return {name: value for name, value in given.items() if value is not None}


class ScoreConfigResponse(WireModel):
    """A score config."""

    id: str
    name: str
    created_at: Timestamp
    updated_at: Timestamp
    project_id: str
    data_type: DataType
    is_archived: bool
    min_value: float | None
    max_value: float | None
    categories: Categories | None
    description: str | None


class ScoreConfigsResponse(WireModel):
    """A page of score configs, newest first."""

    data: list[ScoreConfigResponse]
    meta: PageMeta


def _categories(sent: Categories | None) -> tuple[ScoreCategory, ...] | None:
    return None if sent is None else tuple(ScoreCategory(category.label, category.value) for category in sent)
