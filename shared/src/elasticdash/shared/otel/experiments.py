"""What spans say about the experiment they are part of."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from elasticdash.shared.domain.experiments import ExperimentItem
from elasticdash.shared.domain.json_value import JsonObject, JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.export import AttributeValue
from elasticdash.shared.otel.view import SpanView

_ID = "elasticdash.experiment.id"
_NAME = "elasticdash.experiment.name"
_DESCRIPTION = "elasticdash.experiment.description"
_METADATA = "elasticdash.experiment.metadata"
_DATASET_ID = "elasticdash.experiment.dataset.id"
_ITEM_ID = "elasticdash.experiment.item.id"
_ITEM_VERSION = "elasticdash.experiment.item.version"
_ITEM_METADATA = "elasticdash.experiment.item.metadata"
_EXPECTED_OUTPUT = "elasticdash.experiment.item.expected_output"
_ROOT_ID = "elasticdash.experiment.item.root_observation_id"
KEYS = frozenset((_ID,))
# What is looked up by, and an index takes.
_MAX_ID_CHARACTERS = 255
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def item_of(seen: SpanView) -> ExperimentItem | None:
    """The item whose root this span is; None for other spans, as every span below the root repeats the attributes."""
    said = seen.attributes
    experiment_id, item_id = view.first_text(said, (_ID,)), view.first_text(said, (_ITEM_ID,))
    if not experiment_id or not item_id or view.first_text(said, (_ROOT_ID,)) != seen.span.id:
        return None
    dataset_id = view.first_text(said, (_DATASET_ID,))
    if any(len(id_ or "") > _MAX_ID_CHARACTERS for id_ in (experiment_id, item_id, dataset_id)):
        return None
    stated = _object(said, _METADATA)
    return ExperimentItem(
        experiment_id=experiment_id,
        experiment_name=view.first_text(said, (_NAME,)) or experiment_id,
        description=view.first_text(said, (_DESCRIPTION,)),
        metadata=None if stated is None else view.json_text(stated),
        dataset_id=dataset_id,
        item_id=item_id,
        item_version_us=_time_us(view.first_text(said, (_ITEM_VERSION,))),
    )


def texts_of_item(attributes: str | None) -> tuple[str | None, JsonObject | None]:
    """What a stored root's attributes, as JSON text, say of its item: the expected output as sent, and metadata."""
    stored = view.parsed_object(attributes) or {}
    said = {key: value for key, value in stored.items() if isinstance(value, str)}
    return view.first_text(said, (_EXPECTED_OUTPUT,)), _object(said, _ITEM_METADATA)


def _object(said: Mapping[str, AttributeValue], key: str) -> JsonObject | None:
    """An object sent whole or member by member; what is no object comes under `metadata`. None for nothing."""
    found: JsonObject = {}
    whole = said.get(key)
    if whole is not None and whole != "":
        members = view.parsed_object(whole)
        found |= {"metadata": whole} if members is None else members
    for name, value in said.items():
        if name.startswith(f"{key}."):
            found[name[len(key) + 1 :]] = _meaning(value)
    return found or None


def _meaning(value: AttributeValue) -> JsonValue:
    meant = view.parsed(value)
    return value if meant is None and value != "null" else meant


def _time_us(text: str | None) -> int | None:
    """Microseconds since the epoch of an ISO 8601 time; what is none is dropped."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (zoned - _EPOCH) // timedelta(microseconds=1)
