"""An observation in the first API generation: one shape for lists, single reads and traces."""

from collections.abc import Mapping
from decimal import Decimal

from elasticdash.shared.clickhouse.rows import ObservationRow
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.model_prices import NO_PRICE, ModelPrice

_UNIT = "TOKENS"


def observation_view(project_id: str, row: ObservationRow, prices: Mapping[str, ModelPrice]) -> dict[str, Json]:
    """The answer for one observation. Costs and prices are USD, durations seconds."""
    price = prices.get(row.model_id, NO_PRICE) if row.model_id else NO_PRICE
    input_units, output_units, total_units = sums_of(row.usage)
    return {
        "id": row.id,
        "traceId": row.trace_id or None,
        "projectId": project_id,
        "type": row.type,
        "parentObservationId": row.parent_observation_id or None,
        "environment": row.environment,
        "name": row.name or None,
        "startTime": json_text.time_of_us(row.start_us),
        "endTime": json_text.optional_time_of_us(row.end_us),
        "completionStartTime": json_text.optional_time_of_us(row.completion_start_us),
        "createdAt": json_text.time_of_ms(row.created_ms),
        "updatedAt": json_text.time_of_ms(row.updated_ms),
        "level": row.level,
        "statusMessage": row.status_message,
        "version": row.version,
        "input": json_text.parsed(row.input),
        "output": json_text.parsed(row.output),
        "metadata": json_text.parsed_values(row.metadata),
        "model": row.model,
        "modelId": row.model_id,
        "modelParameters": json_text.parsed(row.model_parameters),
        "usageDetails": row.usage,
        "costDetails": {key: float(cost) for key, cost in row.cost_usd.items()},
        "usage": {"unit": _UNIT, "input": input_units, "output": output_units, "total": total_units},
        "unit": _UNIT,
        "promptTokens": input_units,
        "completionTokens": output_units,
        "totalTokens": total_units,
        "inputPrice": number(price.input_usd),
        "outputPrice": number(price.output_usd),
        "totalPrice": number(price.total_usd),
        "calculatedInputCost": _cost_sum(row.cost_usd, "input"),
        "calculatedOutputCost": _cost_sum(row.cost_usd, "output"),
        "calculatedTotalCost": number(row.total_cost_usd),
        "usagePricingTierId": row.pricing_tier_id,
        "usagePricingTierName": row.pricing_tier_name,
        "promptId": row.prompt_id,
        "promptName": row.prompt_name,
        "promptVersion": row.prompt_version,
        "latency": seconds_between(row.start_us, row.end_us),
        "timeToFirstToken": seconds_between(row.start_us, row.completion_start_us),
    }


def sums_of(usage: Mapping[str, int]) -> tuple[int, int, int]:
    """Input, output and total units: keys naming input or output are summed; total is its key, else the sum of all."""
    if not usage:
        return 0, 0, 0
    input_units = sum(units for key, units in usage.items() if "input" in key)
    output_units = sum(units for key, units in usage.items() if "output" in key)
    return input_units, output_units, usage["total"] if "total" in usage else sum(usage.values())


def seconds_between(start_us: int, end_us: int | None) -> float | None:
    """Duration in seconds; None while the end is unknown."""
    return None if end_us is None else (end_us - start_us) / 1_000_000


def number(amount: Decimal | None) -> float | None:
    """A decimal as a JSON number."""
    return None if amount is None else float(amount)


def _cost_sum(cost_usd: Mapping[str, Decimal], word: str) -> float | None:
    costs = [cost for key, cost in cost_usd.items() if word in key]
    return float(sum(costs)) if costs else None
