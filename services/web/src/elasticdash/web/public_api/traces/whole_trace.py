"""One trace as JSON, in pieces that leave while its later observations are still being read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from decimal import Decimal

import msgspec
from starlette.responses import Response, StreamingResponse

from elasticdash.shared.clickhouse.rows import ObservationRow, TraceTotalsRow
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.model_prices import ModelPrice
from elasticdash.web.views.observation_view import observation_view

Blocks = AsyncIterator[Sequence[ObservationRow]]
PricesOf = Callable[[Sequence[ObservationRow]], Awaitable[Mapping[str, ModelPrice]]]
_JSON = "application/json"
_OBSERVATIONS_PER_PIECE = 200


class Totals:
    """Adds up what a trace shows of its observations, as they come."""

    def __init__(self) -> None:
        self._started_us: int | None = None
        self._ended_us = 0
        self._cost_usd: Decimal | None = None

    def add(self, rows: Sequence[ObservationRow]) -> None:
        """Count these observations in."""
        for row in rows:
            ended_us = row.start_us if row.end_us is None else row.end_us
            if self._started_us is None:
                self._started_us, self._ended_us = row.start_us, ended_us
            self._started_us = min(self._started_us, row.start_us)
            self._ended_us = max(self._ended_us, ended_us)
            if row.total_cost_usd is not None:
                self._cost_usd = (self._cost_usd or Decimal(0)) + row.total_cost_usd

    def row(self, trace_id: str) -> TraceTotalsRow:
        """What they come to; None without any."""
        started_us = self._started_us
        latency_seconds = None if started_us is None else (self._ended_us - started_us) / 1_000_000
        return TraceTotalsRow(trace_id, latency_seconds, self._cost_usd)


async def begun(blocks: AsyncGenerator[Sequence[ObservationRow]]) -> Blocks:
    """The same blocks once the first is there: what fails until then is raised here, before an answer began."""
    first = await anext(blocks, None)

    async def all_blocks() -> Blocks:
        if first is not None:
            yield first
            async for block in blocks:
                yield block

    return all_blocks()


async def pieces(
    project_id: str,
    head: Mapping[str, Json],
    blocks: Blocks,
    prices_of: PricesOf,
    tail: Callable[[Totals], Mapping[str, Json]],
) -> AsyncIterator[bytes]:
    """`head`, the observations and then `tail` as one object; `tail` is asked when all observations were read.

    A trace of few observations is one piece.
    """
    pending = msgspec.json.encode(head)[:-1] + b',"observations":['
    separator = b""
    totals = Totals()
    async for block in blocks:
        totals.add(block)
        prices = await prices_of(block)
        for start in range(0, len(block), _OBSERVATIONS_PER_PIECE):
            rows = block[start : start + _OBSERVATIONS_PER_PIECE]
            encoded = await asyncio.to_thread(_encoded, project_id, rows, prices)
            if separator:
                yield pending
                pending = b""
            pending += separator + encoded
            separator = b","
    yield pending + b"]," + msgspec.json.encode(tail(totals))[1:]


async def answer(parts: AsyncIterator[bytes]) -> Response:
    """The pieces as one response, streamed where there are several."""
    first = await anext(parts)
    second = await anext(parts, None)
    if second is None:
        return Response(first, media_type=_JSON)

    async def all_parts() -> AsyncIterator[bytes]:
        yield first
        yield second
        async for part in parts:
            yield part

    return StreamingResponse(all_parts(), media_type=_JSON)


def _encoded(project_id: str, rows: Sequence[ObservationRow], prices: Mapping[str, ModelPrice]) -> bytes:
    return msgspec.json.encode([observation_view(project_id, row, prices) for row in rows])[1:-1]
