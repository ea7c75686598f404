"""An observation in the second API generation: keys come in groups, texts stay texts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from elasticdash.shared.clickhouse.rows import ObservationRow, TraceRow
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.model_prices import NO_PRICE, ModelPrice
from elasticdash.web.views.observation_view import number, seconds_between

METADATA_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Described:
    """An observation with what its view takes from elsewhere: its trace (None if unknown) and model prices."""

    row: ObservationRow
    trace: TraceRow | None
    price: ModelPrice


def _basic(described: Described) -> dict[str, Json]:
    row, trace = described.row, described.trace
    return {
        "name": row.name or None,
        "level": row.level,
        "statusMessage": row.status_message,
        "version": row.version,
        "environment": row.environment,
        "bookmarked": trace.bookmarked if trace else False,
        "public": trace.public if trace else False,
        "userId": row.user_id or (trace.user_id if trace else None),
        "sessionId": row.session_id or (trace.session_id if trace else None),
        "isRootObservation": row.is_app_root or not row.parent_observation_id,
    }


def _time(described: Described) -> dict[str, Json]:
    row = described.row
    return {
        "completionStartTime": json_text.optional_time_of_us(row.completion_start_us),
        "createdAt": json_text.time_of_ms(row.created_ms),
        "updatedAt": json_text.time_of_ms(row.updated_ms),
    }


def _io(described: Described) -> dict[str, Json]:
    return {"input": described.row.input, "output": described.row.output}


def _model(described: Described) -> dict[str, Json]:
    row, price = described.row, described.price
    return {
        "model": row.model,
        "internalModelId": row.model_id,
        "modelParameters": json_text.parsed(row.model_parameters),
        "modelId": row.model_id,
        "inputPrice": _decimal_text(price.input_usd),
        "outputPrice": _decimal_text(price.output_usd),
        "totalPrice": _decimal_text(price.total_usd),
    }


def _usage(described: Described) -> dict[str, Json]:
    row = described.row
    return {
        "usageDetails": row.usage,
        "costDetails": {key: float(cost) for key, cost in row.cost_usd.items()},
        "totalCost": number(row.total_cost_usd),
        "usagePricingTierName": row.pricing_tier_name,
    }


def _prompt(described: Described) -> dict[str, Json]:
    row = described.row
    return {"promptId": row.prompt_id, "promptName": row.prompt_name, "promptVersion": row.prompt_version}


def _trace_context(described: Described) -> dict[str, Json]:
    row, trace = described.row, described.trace
    return {
        "traceName": row.trace_name or (trace.name if trace else None),
        "tags": row.tags or (trace.tags if trace else []),
        "release": row.release or (trace.release if trace else None),
    }


_GROUPS: Mapping[str, Callable[[Described], dict[str, Json]]] = {
    "basic": _basic,
    "time": _time,
    "io": _io,
    "model": _model,
    "usage": _usage,
    "prompt": _prompt,
    "trace_context": _trace_context,
}


def observation_v2_view(
    project_id: str, described: Described, groups: frozenset[str], expanded_keys: frozenset[str]
) -> dict[str, Json]:
    """The answer for one observation: core, durations and price keys always, then the groups asked for.

    Metadata values are cut to 200 characters unless expanded or asked for together with input and output.
    """
    row = described.row
    view: dict[str, Json] = {
        "id": row.id,
        "traceId": row.trace_id or None,
        "projectId": project_id,
        "parentObservationId": row.parent_observation_id or None,
        "type": row.type,
        "startTime": json_text.time_of_us(row.start_us),
        "endTime": json_text.optional_time_of_us(row.end_us),
        "latency": seconds_between(row.start_us, row.end_us),
        "timeToFirstToken": seconds_between(row.start_us, row.completion_start_us),
        "modelId": None,
        "inputPrice": None,
        "outputPrice": None,
        "totalPrice": None,
    }
    for name, group in _GROUPS.items():
        if name in groups:
            view |= group(described)
    if "metadata" in groups:
        whole = row.metadata.keys() if "io" in groups else expanded_keys
        view["metadata"] = {
            key: json_text.parsed(text if key in whole else text[:METADATA_CHARACTERS])
            for key, text in row.metadata.items()
        }
    return view


def price_for(row: ObservationRow, prices: Mapping[str, ModelPrice]) -> ModelPrice:
    """The price of the model an observation was matched to."""
    return prices.get(row.model_id, NO_PRICE) if row.model_id else NO_PRICE


def _decimal_text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
