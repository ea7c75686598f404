"""Accepts events: validates each alone, makes the request durable, says what became of every one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeVar

import msgspec

from elasticdash.shared import compression, errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.otel import decode as otel_decode
from elasticdash.shared.otel.decode import RejectedSpan
from elasticdash.shared.schemas import ingestion
from elasticdash.shared.schemas.ingestion import BatchLimits, EventFailure, ParsedBatch, ScoreConfigRule
from elasticdash.shared.schemas.raw_batch import RawBatch, RawHeader
from elasticdash.shared.telemetry import metrics
from elasticdash.web.admission.intake import Hold
from elasticdash.web.auth.principal import Principal
from elasticdash.web.ingest.group_commit import GroupCommit

Result = TypeVar("Result")
Kind = Literal["ingestion", "otlp"]
FindScoreConfigs = Callable[[ProjectScope, set[str]], Awaitable[Mapping[str, ScoreConfigRule]]]

# Below this, unpacking or parsing takes less time than handing it to another thread.
_PARSE_IN_LOOP_BYTES = 64 * 1024
_PACK_FROM_BYTES = 512


@dataclass(frozen=True, slots=True)
class Sender:
    """What a client says about itself; never required."""

    sdk_name: str = "unknown"
    sdk_version: str = "unknown"


@dataclass(frozen=True, slots=True)
class AcceptLimits:
    """Bounds of what one request may carry. `max_body_bytes` is as sent, `max_unpacked_bytes` decompressed."""

    max_body_bytes: int
    max_unpacked_bytes: int
    batch: BatchLimits
    decode: otel_decode.DecodeLimits


@dataclass(frozen=True, slots=True)
class IngestionResult:
    """Envelope ids that were accepted, in order, and those that were not, with the reason."""

    accepted_ids: Sequence[str]
    failures: Sequence[EventFailure]


@dataclass(frozen=True, slots=True)
class Payload:
    """A request body as sent."""

    body: bytes
    content_type: str
    content_encoding: str
    hold: Hold


@dataclass(frozen=True, slots=True)
class _Rules:
    """By what a body was accepted."""

    limits: Mapping[str, int]
    can_write_traces: bool = True
    score_configs: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Acceptor:
    """The one way in for traces, observations and scores, whichever endpoint they came to."""

    def __init__(
        self,
        commit: GroupCommit,
        find_score_configs: FindScoreConfigs,
        limits: AcceptLimits,
        now_us: Callable[[], int],
        count_events: Callable[[Principal, int], None],
    ) -> None:
        self._commit = commit
        self._find_score_configs = find_score_configs
        self.limits = limits
        self._now_us = now_us
        self._count_events = count_events

    async def accept_batch(self, principal: Principal, payload: Payload, sender: Sender) -> IngestionResult:
        """Durable once returned. InvalidRequestError for what is not a batch; UnavailableError: nothing was kept."""
        body = await self._unpacked(payload)
        configs: Mapping[str, ScoreConfigRule] = {}
        config_ids = ingestion.referenced_score_config_ids(body)
        if config_ids:
            configs = await self._find_score_configs(principal.scope, config_ids)
        context = ingestion.BatchContext(
            project_id=principal.scope.project_id,
            can_write_traces=principal.access == "project",
            score_configs=configs,
            limits=self.limits.batch,
        )
        parsed: ParsedBatch = await _run(len(body), lambda: ingestion.parse_batch(body, context))
        if parsed.accepted:
            self._count_events(principal, len(parsed.accepted))
            rules = _Rules(asdict(self.limits.batch), context.can_write_traces, msgspec.to_builtins(configs))
            await self._keep(self._header(principal, sender, "ingestion", rules), payload)
        _count("ingestion", len(payload.body), len(parsed.accepted), len(parsed.failures))
        accepted_ids = [event.envelope_id for event in parsed.accepted]
        return IngestionResult(accepted_ids, parsed.failures)

    async def accept_events(
        self, principal: Principal, events: Sequence[Mapping[str, object]], sender: Sender, hold: Hold
    ) -> IngestionResult:
        """The same for events built by a route of ours."""
        body = msgspec.json.encode({"batch": events})
        return await self.accept_batch(principal, Payload(body, "application/json", "", hold), sender)

    async def accept_export(self, principal: Principal, payload: Payload, sender: Sender) -> Sequence[RejectedSpan]:
        """Spans that were refused; the others are durable once returned.

        InvalidRequestError when the body is no export, or holds spans and none is valid.
        """
        body, limits = await self._unpacked(payload), self.limits.decode
        export = await _run(len(body), lambda: otel_decode.check_export(body, payload.content_type, limits))
        if export.valid_count:
            self._count_events(principal, export.valid_count)
            await self._keep(self._header(principal, sender, "otlp", _Rules(asdict(limits))), payload)
        _count("otlp", len(payload.body), export.valid_count, len(export.rejected))
        if export.rejected and not export.valid_count:
            raise errors.InvalidRequestError(f"No valid span in the export: {export.rejected[0].reason}")
        return export.rejected

    async def _unpacked(self, payload: Payload) -> bytes:
        body, encoding, limit_bytes = payload.body, payload.content_encoding, self.limits.max_unpacked_bytes
        body = await _run(len(body), lambda: compression.unpack(payload.body, encoding, limit_bytes))
        if payload.content_encoding:
            payload.hold.add(len(body))
        return body

    def _header(self, principal: Principal, sender: Sender, kind: Kind, rules: _Rules) -> RawHeader:
        return RawHeader(
            id=ids.new_id(),
            project_id=principal.scope.project_id,
            kind=kind,
            received_us=self._now_us(),
            api_key=principal.public_key,
            content_type="",
            sdk_name=sender.sdk_name,
            sdk_version=sender.sdk_version,
            can_write_traces=rules.can_write_traces,
            score_configs=rules.score_configs,
            limits=rules.limits,
        )

    async def _keep(self, header: RawHeader, payload: Payload) -> None:
        """What arrived compressed stays as it is; the rest is packed once."""
        body, encoding = payload.body, payload.content_encoding
        if not encoding and len(body) >= _PACK_FROM_BYTES:
            body, encoding = await _run(len(body), lambda: compression.pack(payload.body)), "zstd"
        header = msgspec.structs.replace(header, content_type=payload.content_type, content_encoding=encoding)
        await self._commit.commit(RawBatch(header, body))


async def _run(size_bytes: int, work: Callable[[], Result]) -> Result:
    return work() if size_bytes < _PARSE_IN_LOOP_BYTES else await asyncio.to_thread(work)


def _count(kind: Kind, size_bytes: int, accepted: int, rejected: int) -> None:
    if accepted:
        metrics.INGEST_BYTES.labels(kind).inc(size_bytes)
    metrics.INGEST_EVENTS.labels(kind).inc(accepted)
    metrics.INGEST_REJECTED_EVENTS.labels(kind).inc(rejected)
