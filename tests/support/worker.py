"""Raw objects as the web service writes them, and a worker's store without the rest of the worker."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.schemas import raw_batch
from elasticdash.shared.schemas.raw_batch import RawBatch, RawHeader
from elasticdash.worker.ingestion import decode
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.ingestion.store import ObjectStore
from support import otlp
from support.batch import unpriced

Json = Mapping[str, Any]

_numbers = itertools.count(1)


def make_batch(scope: ProjectScope, events: Sequence[Json], **header: Any) -> RawBatch:
    """An accepted request with batch events, received now unless `received_us` is given."""
    return _raw(scope, "ingestion", msgspec.json.encode({"batch": events}), header)


def make_export(scope: ProjectScope, *spans: Json, **header: Any) -> RawBatch:
    """An accepted OTLP export of these spans; `resource` and `scope_` are those of the export."""
    resource, instrumentation = header.pop("resource", None), header.pop("scope_", None)
    return _raw(scope, "otlp", otlp.json_body(otlp.export_of(*spans, resource=resource, scope=instrumentation)), header)


def decoded_of(*batches: RawBatch, key: str | None = None, price: Pricer = unpriced) -> DecodedObject:
    """What one raw object with these requests decodes to; its key is a new one unless given."""
    return decode.decode_object(key or new_key(), raw_batch.encode(batches), price)


def new_key() -> str:
    """A key no other raw object has."""
    return f"raw/test/{next(_numbers):08}.edr"


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return int(time.time() * 1000)


def make_store(clickhouse: ClickHouse) -> ObjectStore:
    """A store in a project without prompts."""
    return make_store_at(clickhouse, now_ms)


def make_store_at(
    clickhouse: ClickHouse, clock_ms: Callable[[], int], store_type: type[ObjectStore] = ObjectStore
) -> ObjectStore:
    """The same with a clock of the test's, and where it wants to a kind of its own."""
    return store_type(clickhouse, _no_prompts, _no_experiments, clock_ms)


async def store(clickhouse: ClickHouse, *objects: DecodedObject) -> None:
    """Store these objects together, as one flush."""
    await make_store(clickhouse).store(objects, {decoded.scope: unpriced for decoded in objects})


async def _no_prompts(scope: ProjectScope, observations: Sequence[Observation]) -> Sequence[Observation]:
    return observations


async def _no_experiments(scope: ProjectScope, observations: Sequence[Observation]) -> None:
    """The projects of these tests are not in a metadata store."""


def _raw(scope: ProjectScope, kind: Any, body: bytes, header: Json) -> RawBatch:
    stated: dict[str, Any] = {"received_us": now_ms() * 1000, "api_key": "pk-lf-test", **header}
    return RawBatch(
        RawHeader(id="r", project_id=scope.project_id, kind=kind, content_type="application/json", **stated), body
    )
