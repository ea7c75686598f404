"""Records of a loaded store, by number: the same number is the same trace in every run.

The first BASE_TRACES are made here; the engine makes the others from them, as copies with ids and times of their own.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bench.layout import corpus
from elasticdash.shared.clickhouse.merging import TraceListRow, TraceTotals
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scores import Score
from elasticdash.shared.domain.traces import Trace
from elasticdash.shared.ids import ObservationId, ProjectId, ScoreId, TraceId

DAYS = 30
BASE_TRACES = 10_000
OBSERVATIONS_PER_TRACE = 10
BIG_TRACE = "big-trace"
RARE_WORD = corpus.RARE_WORD
RARE_EVERY = 50_021
SCORED_EVERY = 20
USERS, TAGS, NAMES = 5_000, 200, 20
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet-20241022", "gemini-2.5-pro")
REGIONS = ("eu", "us", "ap")
_STEPS = ("agent", "plan", "embed", "retrieve", "rerank", "search", "query", "summarize", "answer", "guard")
_TYPES = (
    *("AGENT", "GENERATION", "EMBEDDING", "RETRIEVER", "SPAN", "TOOL", "SPAN", "GENERATION", "GENERATION", "GUARDRAIL"),
)
_DAY_US = 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class TraceRecords:
    """Everything stored of one trace."""

    trace: Trace
    listed: TraceListRow
    observations: Sequence[Observation]
    score: Score | None


class Maker:
    """Makes traces of one project, `step_us` apart from `start_us` on, with texts of one length."""

    def __init__(self, project_id: ProjectId, start_us: int, step_us: int, text_characters: int) -> None:
        self._project_id, self._start_us, self._step_us = project_id, start_us, step_us
        self._text_characters = text_characters
        self._text = corpus.text()

    def trace(self, number: int) -> TraceRecords:
        """The trace with a number."""
        start_us = self._start_us + number * self._step_us
        return self._made(TraceId(_base_id(number)), number, start_us, OBSERVATIONS_PER_TRACE)

    def big_trace(self, observations: int) -> TraceRecords:
        """One trace of many observations, before all others."""
        return self._made(TraceId(BIG_TRACE), -1, self._start_us, observations)

    def _made(self, id_: TraceId, number: int, start_us: int, count: int) -> TraceRecords:
        rng = random.Random(number)
        trace = Trace(
            project_id=self._project_id,
            id=id_,
            timestamp_us=start_us,
            name=f"flow-{number % NAMES}",
            user_id=user_id(number),
            session_id=f"session-{number // 4}",
            release="2026.11",
            version=None,
            environment="production",
            is_public=False,
            is_bookmarked=False,
            tags=sorted({("a", "beta", "paid")[number % 3], f"tag-{number % TAGS}"}),
            input=self._window(rng),
            output=self._window(rng),
            metadata={"region": REGIONS[number % 3], "request": f"{rng.getrandbits(64):016x}"},
            revision=1,
        )
        observations = [self._observation(rng, trace, number, step) for step in range(count)]
        listed = TraceListRow(trace, start_us, _totals(observations), is_deleted=False)
        return TraceRecords(trace, listed, observations, _score(trace) if number % SCORED_EVERY == 0 else None)

    def _observation(self, rng: random.Random, trace: Trace, number: int, step: int) -> Observation:
        kind = step % len(_STEPS)
        start_us = trace.timestamp_us + step * 1_500 + rng.randrange(1000)
        rare = f" {RARE_WORD}" if (number * OBSERVATIONS_PER_TRACE + step) % RARE_EVERY == 7 else ""
        model = rng.choice(MODELS) if _TYPES[kind] == "GENERATION" else None
        usage, cost = _used(rng, model)
        draw = rng.randrange(100)
        return Observation(
            project_id=trace.project_id,
            trace_id=trace.id,
            id=ObservationId(f"{rng.getrandbits(64):016x}"),
            type=_TYPES[kind],
            parent_observation_id=None if step == 0 else f"{number:016x}",
            environment=trace.environment,
            name=_STEPS[kind],
            start_time_us=start_us,
            end_time_us=start_us + rng.randrange(1_000, 900_000),
            completion_start_time_us=None,
            level="ERROR" if draw == 0 else "WARNING" if draw == 1 else "DEFAULT",
            status_message=None,
            version=None,
            release=trace.release,
            input=f'[{{"role":"user","content":"{self._window(rng)}{rare}"}}]',
            output=f'{{"role":"assistant","content":"{self._window(rng)}"}}',
            metadata={"attributes": f'{{"app.request_id":"{rng.getrandbits(64):016x}"}}', "scope": '{"name":"bench"}'},
            model=model,
            model_parameters='{"temperature":0.2}' if model else None,
            provided_usage=usage,
            provided_cost_usd={},
            prompt_name=None,
            prompt_version=None,
            usage=usage,
            cost_usd=cost,
            total_cost_usd=cost.get("total"),
            tool_definitions={},
            tool_calls=(),
            tool_call_names=(),
            trace_name=trace.name,
            user_id=trace.user_id,
            session_id=trace.session_id,
            tags=trace.tags,
            is_app_root=step == 0,
            source="otel",
            revision=trace.revision,
        )

    def _window(self, rng: random.Random) -> str:
        start = rng.randrange(len(self._text) - self._text_characters)
        return self._text[start : start + self._text_characters]


def trace_id(number: int) -> str:
    """The id of the trace with a number, as the engine makes it for copies."""
    copy, base = divmod(number, BASE_TRACES)
    return hashlib.md5(f"{_base_id(base)}{copy}".encode()).hexdigest() if copy else _base_id(base)


def copied(column: str, copy: int) -> str:
    """SQL of a trace's id in a copy."""
    return f"lower(hex(MD5(concat({column}, '{copy}'))))"


def _base_id(number: int) -> str:
    return f"{random.Random(~number).getrandbits(128):032x}"


def user_id(number: int) -> str:
    """The user of the trace with a number; copies have those of the trace they copy."""
    return f"user-{number % BASE_TRACES * 7919 % USERS}"


def _used(rng: random.Random, model: str | None) -> tuple[Mapping[str, int], Mapping[str, Decimal]]:
    if model is None:
        return {}, {}
    sent, received = rng.randrange(50, 4000), rng.randrange(10, 900)
    cost = {"input": Decimal(sent) * Decimal("0.0000025"), "output": Decimal(received) * Decimal("0.00001")}
    return (
        {"input": sent, "output": received, "total": sent + received},
        {**cost, "total": cost["input"] + cost["output"]},
    )


def _totals(observations: Sequence[Observation]) -> TraceTotals:
    priced = [one for one in observations if one.total_cost_usd is not None]
    levels = [one.level for one in observations]
    return TraceTotals(
        observation_count=len(observations),
        weight=0,
        environment=observations[0].environment,
        start_time_us=min(one.start_time_us for one in observations),
        end_time_us=max(one.end_time_us or one.start_time_us for one in observations),
        input_cost_usd=sum((one.cost_usd["input"] for one in priced), Decimal(0)),
        output_cost_usd=sum((one.cost_usd["output"] for one in priced), Decimal(0)),
        total_cost_usd=sum((one.cost_usd["total"] for one in priced), Decimal(0)),
        input_tokens=sum(one.usage["input"] for one in priced),
        output_tokens=sum(one.usage["output"] for one in priced),
        total_tokens=sum(one.usage["total"] for one in priced),
        error_count=levels.count("ERROR"),
        warning_count=levels.count("WARNING"),
        default_count=levels.count("DEFAULT"),
        debug_count=0,
        models=sorted({one.model for one in priced if one.model}),
    )


def _score(trace: Trace) -> Score:
    return Score(
        project_id=trace.project_id,
        id=ScoreId(f"score-{trace.id}"),
        timestamp_us=trace.timestamp_us,
        environment=trace.environment,
        name="quality",
        data_type="NUMERIC",
        value=len(trace.tags) / 2,
        string_value=None,
        long_string_value=None,
        trace_id=trace.id,
        observation_id=None,
        session_id=None,
        dataset_run_id=None,
        source="API",
        comment=None,
        metadata={},
        author_user_id=None,
        config_id=None,
        queue_id=None,
        execution_trace_id=None,
        revision=1,
    )
