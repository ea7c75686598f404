"""Turns stored rows into what the pages about traces show."""

from collections.abc import Mapping, Sequence

from elasticdash.shared.clickhouse.rows import ObservationRow, ScoreRow, TraceRow
from elasticdash.shared.clickhouse.trace_skeleton import Bone
from elasticdash.shared.clickhouse.trace_table import Bucket, Summary, TextPreview, TraceTableRow
from elasticdash.web.ui_api.traces.schemas import (
    BucketShape,
    ObservationDetailShape,
    OverviewShape,
    TextField,
    TextShape,
    TraceRowShape,
    TraceTextsShape,
)
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.observation_view import number, seconds_between

MAX_CHARACTERS = 65_536
_NOT_YET = -1


def table_row(row: TraceTableRow, preview: TextPreview | None) -> TraceRowShape:
    """A row of the table."""
    return TraceRowShape.model_validate(
        {
            **row._asdict(),
            "timestamp": json_text.precise_time_of_us(row.timestamp_us),
            "total_cost_usd": number(row.total_cost_usd),
            "input_preview": preview.input if preview else None,
            "output_preview": preview.output if preview else None,
        }
    )


def overview(summary: Summary, buckets: Sequence[Bucket]) -> OverviewShape:
    """Totals beside the histogram."""
    return OverviewShape(
        traces=summary.traces,
        errors=summary.errors,
        total_cost_usd=number(summary.total_cost_usd),
        total_tokens=summary.total_tokens,
        p50_seconds=summary.p50_seconds,
        p95_seconds=summary.p95_seconds,
        buckets=[
            BucketShape(
                start=json_text.time_of_ms(bucket.start_seconds * 1000), traces=bucket.traces, errors=bucket.errors
            )
            for bucket in buckets
        ],
    )


def trace_head(row: TraceRow) -> dict[str, Json]:
    """TraceHeadShape of a trace."""
    return {
        "id": row.id,
        "timestamp": json_text.time_of_ms(row.timestamp_ms),
        "name": row.name,
        "userId": row.user_id,
        "sessionId": row.session_id,
        "release": row.release,
        "version": row.version,
        "environment": row.environment,
        "public": row.public,
        "bookmarked": row.bookmarked,
        "tags": row.tags,
    }


def shared_trace_head(row: TraceRow) -> dict[str, Json]:
    """SharedTraceHeadShape of a trace."""
    head = trace_head(row)
    return {name: head[name] for name in ("id", "timestamp", "name", "release", "version", "environment", "tags")}


def skeleton(bones: Sequence[Bone]) -> dict[str, Json]:
    """SkeletonShape of a trace's observations, which come by start time."""
    start_us = bones[0].start_us if bones else 0
    positions = {bone.id: position for position, bone in enumerate(bones)}
    words: dict[str, int] = {}

    def word(text: str) -> int:
        return words.setdefault(text, len(words))

    return {
        "start": json_text.precise_time_of_us(start_us),
        "ids": [bone.id for bone in bones],
        "parent": [positions.get(bone.parent_id, -1) if bone.parent_id != bone.id else -1 for bone in bones],
        "name": [word(bone.name) for bone in bones],
        "type": [word(bone.type) for bone in bones],
        "level": [word(bone.level) for bone in bones],
        "model": [word(bone.model) for bone in bones],
        "startUs": [bone.start_us - start_us for bone in bones],
        "endUs": [_since(start_us, bone.end_us) for bone in bones],
        "firstTokenUs": [_since(start_us, bone.first_token_us) for bone in bones],
        "inputTokens": [bone.input_tokens for bone in bones],
        "outputTokens": [bone.output_tokens for bone in bones],
        "totalTokens": [bone.total_tokens for bone in bones],
        "costUsd": [number(bone.cost_usd) for bone in bones],
        "words": list(words),
        "missingParents": {
            str(position): bone.parent_id
            for position, bone in enumerate(bones)
            if bone.parent_id and bone.parent_id not in positions
        },
    }


def trace_score(row: ScoreRow) -> dict[str, Json]:
    """TraceScoreShape of a score."""
    return {
        "id": row.id,
        "observationId": row.observation_id or None,
        "name": row.name,
        "dataType": row.data_type,
        "value": row.value if row.data_type in ("NUMERIC", "BOOLEAN") else None,
        "text": row.string_value or row.long_string_value or None,
        "source": row.source,
        "comment": row.comment,
        "configId": row.config_id,
        "timestamp": json_text.time_of_ms(row.timestamp_ms),
    }


def texts(input_text: str | None, output_text: str | None, metadata: Mapping[str, str]) -> TraceTextsShape:
    """Texts, each cut to MAX_CHARACTERS."""
    return TraceTextsShape(
        input=_cut(input_text),
        output=_cut(output_text),
        metadata={key: _start_of(value) for key, value in metadata.items()},
    )


def observation_detail(row: ObservationRow) -> ObservationDetailShape:
    """An observation with its texts cut to MAX_CHARACTERS."""
    return ObservationDetailShape(
        **dict(texts(row.input, row.output, row.metadata)),
        id=row.id,
        type=row.type,
        name=row.name or None,
        level=row.level,
        status_message=row.status_message,
        environment=row.environment,
        version=row.version,
        release=row.release,
        model=row.model,
        model_id=row.model_id,
        model_parameters=row.model_parameters,
        usage=dict(row.usage),
        cost_usd={key: float(cost) for key, cost in row.cost_usd.items()},
        total_cost_usd=number(row.total_cost_usd),
        pricing_tier_name=row.pricing_tier_name,
        prompt_name=row.prompt_name,
        prompt_version=row.prompt_version,
        start=json_text.precise_time_of_us(row.start_us),
        latency_seconds=seconds_between(row.start_us, row.end_us),
        time_to_first_token_seconds=seconds_between(row.start_us, row.completion_start_us),
    )


def text_of(field: TextField, input_text: str | None, output_text: str | None) -> str | None:
    """The one of two texts that a field names."""
    return input_text if field is TextField.INPUT else output_text


def _cut(text: str | None) -> TextShape | None:
    return None if text is None else _start_of(text)


def _start_of(text: str) -> TextShape:
    return TextShape(text=text[:MAX_CHARACTERS], characters=len(text))


def _since(start_us: int, moment_us: int | None) -> int:
    return _NOT_YET if moment_us is None else max(0, moment_us - start_us)
