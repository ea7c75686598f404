"""Brings what the generations of the API answer into one shape, so a test states each expectation once."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class SeenObservation:
    """An observation as some client read it."""

    source: str
    id: str
    name: str
    type: str
    parent_id: str | None
    start_time: datetime
    end_time: datetime | None
    level: str
    status_message: str | None
    environment: str
    input: Any
    output: Any
    model: str | None
    model_parameters: Any
    usage: dict[str, float]
    cost_usd: float | None
    prompt: tuple[str | None, int | None]
    seconds_to_first_token: float | None


@dataclass(frozen=True, slots=True)
class SeenScore:
    """A score as some client read it; a label counts as the value of a categorical one."""

    name: str
    data_type: str
    value: Any
    comment: str | None
    environment: str
    observation_id: str | None


def observation(source: str, row: dict[str, Any]) -> SeenObservation:
    """From a row of v1 or v2; raises KeyError when a key every version must have is missing."""
    return SeenObservation(
        source=source,
        id=row["id"],
        name=row["name"],
        type=row["type"],
        parent_id=row["parentObservationId"],
        start_time=instant(row["startTime"]),
        end_time=instant(row["endTime"]) if row.get("endTime") else None,
        level=row["level"],
        status_message=row.get("statusMessage") or None,
        environment=row["environment"],
        input=_decoded(row.get("input")),
        output=_decoded(row.get("output")),
        model=row.get("model") or row.get("providedModelName"),
        model_parameters=_decoded(row.get("modelParameters")),
        usage=row.get("usageDetails") or {},
        cost_usd=row.get("calculatedTotalCost") or row.get("totalCost"),
        prompt=(row.get("promptName"), row.get("promptVersion")),
        seconds_to_first_token=row.get("timeToFirstToken"),
    )


def score(row: dict[str, Any]) -> SeenScore:
    """From a row of v1, v2 or v3."""
    subject: dict[str, str] = row.get("subject") or {}
    return SeenScore(
        name=row["name"],
        data_type=row["dataType"],
        value=row.get("stringValue") or row["value"] if row["dataType"] == "CATEGORICAL" else row["value"],
        comment=row.get("comment"),
        environment=row["environment"],
        observation_id=row.get("observationId")
        or (subject.get("id") if subject.get("kind") == "observation" else None),
    )


def instant(text: str) -> datetime:
    """An ISO 8601 time with zone."""
    return datetime.fromisoformat(text)


def _decoded(value: Any) -> Any:
    """Version 2 hands out raw text, version 1 what the text means."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
