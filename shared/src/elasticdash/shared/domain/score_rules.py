"""What makes a score valid, and what is stored for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from elasticdash.shared import errors
from elasticdash.shared.domain.scores import ScoreDataType

_MAX_TEXT_LENGTH = 500
_CORRECTION_NAME = "output"


@dataclass(frozen=True, slots=True)
class ScoreCategory:
    """One label a categorical score may have, and its number."""

    label: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfigRule:
    """A score configuration as far as it judges scores. Bounds are inclusive."""

    id: str
    name: str
    data_type: ScoreDataType
    is_archived: bool = False
    min_value: float | None = None
    max_value: float | None = None
    categories: tuple[ScoreCategory, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreStatement:
    """What a sender says of a score. `data_type` None: not said."""

    name: str
    value: float | str
    data_type: ScoreDataType | None
    source: str
    config_id: str | None
    trace_id: str | None
    observation_id: str | None
    session_id: str | None
    dataset_run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedScore:
    """The columns that a score's type decides."""

    name: str
    data_type: ScoreDataType
    value: float
    string_value: str | None = None
    long_string_value: str | None = None


def typed_score(statement: ScoreStatement, configs: Mapping[str, ScoreConfigRule]) -> TypedScore:
    """What is stored for a statement. Raises InvalidRequestError naming the field and the rule it breaks.

    Source: Langfuse v4.16 score validation; a broken configuration rule is refused, there silently dropped.
    """
    _check_target(statement)
    config = _config_of(statement, configs)
    data_type = statement.data_type or (config.data_type if config else _implied_type(statement.value))
    score = _typed(statement, data_type)
    return _configured(score, config) if config else score


def _check_target(statement: ScoreStatement) -> None:
    targets = (statement.trace_id, statement.session_id, statement.dataset_run_id)
    if sum(target is not None for target in targets) != 1:
        raise _broken("traceId", "exactly one of traceId, sessionId and datasetRunId must be given")
    if statement.observation_id is not None and statement.trace_id is None:
        raise _broken("observationId", "needs a traceId")


def _config_of(statement: ScoreStatement, configs: Mapping[str, ScoreConfigRule]) -> ScoreConfigRule | None:
    if statement.config_id is None:
        if statement.source == "ANNOTATION" and statement.data_type is not ScoreDataType.CORRECTION:
            raise _broken("configId", "an ANNOTATION score needs one")
        return None
    if statement.data_type is ScoreDataType.CORRECTION:
        raise _broken("configId", "a CORRECTION score can't have one")
    config = configs.get(statement.config_id)
    if config is None:
        raise _broken("configId", f"no score config {statement.config_id!r} in this project")
    if config.is_archived:
        raise _broken("configId", f"score config {statement.config_id!r} is archived")
    if statement.data_type not in (None, config.data_type):
        raise _broken("dataType", f"must be {config.data_type} as in score config {statement.config_id!r}")
    return config


def _implied_type(value: float | str) -> ScoreDataType:
    return ScoreDataType.CATEGORICAL if isinstance(value, str) else ScoreDataType.NUMERIC


def _typed(statement: ScoreStatement, data_type: ScoreDataType) -> TypedScore:
    value, name = statement.value, statement.name
    if data_type in (ScoreDataType.NUMERIC, ScoreDataType.BOOLEAN):
        if isinstance(value, str):
            raise _broken("value", f"must be a number for {data_type}")
        if data_type is ScoreDataType.NUMERIC:
            return TypedScore(name=name, data_type=data_type, value=value)
        if value not in (0, 1):
            raise _broken("value", "must be 0 or 1 for BOOLEAN")
        return TypedScore(name=name, data_type=data_type, value=value, string_value="True" if value else "False")
    if not isinstance(value, str):
        raise _broken("value", f"must be a string for {data_type}")
    if data_type is ScoreDataType.CORRECTION:
        if statement.trace_id is None:
            raise _broken("traceId", "a CORRECTION score is about a trace or an observation")
        return TypedScore(name=_CORRECTION_NAME, data_type=data_type, value=0, long_string_value=value)
    if data_type is ScoreDataType.TEXT and not 1 <= len(value) <= _MAX_TEXT_LENGTH:
        raise _broken("value", f"must have 1 to {_MAX_TEXT_LENGTH} characters for TEXT")
    return TypedScore(name=name, data_type=data_type, value=0, string_value=value)


def _configured(score: TypedScore, config: ScoreConfigRule) -> TypedScore:
    if config.data_type is ScoreDataType.NUMERIC:
        if config.min_value is not None and score.value < config.min_value:
            raise _broken("value", f"must be at least {config.min_value} by score config {config.id!r}")
        if config.max_value is not None and score.value > config.max_value:
            raise _broken("value", f"must be at most {config.max_value} by score config {config.id!r}")
    if config.data_type is ScoreDataType.CATEGORICAL:
        value_by_label = {category.label: category.value for category in config.categories}
        if score.string_value not in value_by_label:
            raise _broken("value", f"must be one of {sorted(value_by_label)} by score config {config.id!r}")
        return replace(score, name=config.name, value=value_by_label[score.string_value])
    return replace(score, name=config.name)


def _broken(field: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid score", [errors.FieldIssue(("body", field), rule)])
