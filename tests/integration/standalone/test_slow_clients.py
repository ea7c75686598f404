"""Clients that send slowly, too much, or nothing lose their connection, and nobody else notices."""

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from elasticdash.standalone import server
from elasticdash.standalone.http_protocol import ClientLimits

LIMITS = ClientLimits(
    header_seconds=0.5, body_seconds=0.5, min_body_bytes_per_second=1000, max_header_bytes=8192, keep_alive_seconds=75
)
# A machine shared with other tests: far above the limits, far below "never".
DEADLINE_SECONDS = 15.0
HEAD = b"POST /x HTTP/1.1\r\nHost: test\r\n"
SLOW_CLIENTS = 300


async def echo_size(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the whole body and answers with its size."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


@asynccontextmanager
async def running() -> AsyncGenerator[int]:
    """The port of a server with LIMITS."""
    bound = server.listen("127.0.0.1", 0)
    port = int(bound.getsockname()[1])
    async with server.serving_beside(echo_size, bound, LIMITS):
        yield port


@pytest.fixture
async def port() -> AsyncGenerator[int]:
    async with running() as port:
        yield port


async def sent(port: int, first: bytes, drip: bytes = b"", pause_seconds: float = 0.05) -> bytes:
    """What came back until the server closed, while `drip` was sent again and again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)

    async def keep_dripping() -> None:
        while drip:
            writer.write(drip)
            await asyncio.sleep(pause_seconds)

    dripping = asyncio.create_task(keep_dripping())
    try:
        return await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    finally:
        dripping.cancel()
        writer.close()


@pytest.mark.parametrize(
    ("first", "drip"),
    [(HEAD, b""), (HEAD, b"X-A: b\r\n"), (b"P", b""), (b"\r\n", b"\r\n")],
    ids=["stalled", "dripping", "one byte", "empty lines"],
)
async def test_headers_that_do_not_end_are_answered_408(port: int, first: bytes, drip: bytes):
    answer = await sent(port, first, drip)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer


@pytest.mark.parametrize("drip", [b"", b"x"], ids=["stalled", "dripping"])
async def test_body_slower_than_the_rate_is_answered_408(port: int, drip: bytes):
    answer = await sent(port, HEAD + b"Content-Length: 100000\r\n\r\n", drip)

    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_refused_client_that_goes_on_sending_loses_its_connection(port: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)).startswith(b"HTTP/1.1 408 ")

    async def go_on_sending() -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(go_on_sending(), DEADLINE_SECONDS)


async def test_slow_body_above_the_rate_is_waited_for(port: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"Content-Length: 4000\r\nConnection: close\r\n\r\n")
    started = time.monotonic()
    for _ in range(4):
        writer.write(b"x" * 1000)
        await asyncio.sleep(LIMITS.body_seconds / 2)

    answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)

    assert time.monotonic() - started > LIMITS.body_seconds
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"4000" in answer


async def test_silent_connection_is_closed_without_an_answer(port: int):
    assert await sent(port, b"") == b""


@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "unfinished"])
async def test_headers_over_the_size_are_answered_431(port: int, is_whole: bool):
    head = HEAD + b"X-Large: " + b"x" * LIMITS.max_header_bytes * 2

    answer = await sent(port, head + b"\r\n\r\n" if is_whole else head)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert answer.count(b"HTTP/1.1") == 1


async def test_kept_alive_connection_is_measured_anew_for_each_request(port: int):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            assert (await client.post("/x", content=b"y" * 70_000)).text == "70000"
            await asyncio.sleep(LIMITS.header_seconds * 1.5)


async def test_hundreds_of_slow_clients_do_not_slow_the_others(port: int):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE_SECONDS) as client:

        async def answered_seconds() -> float:
            started = time.monotonic()
            assert (await client.post("/x", content=b"y")).status_code == 200
            return time.monotonic() - started

        alone = [await answered_seconds() for _ in range(20)]
        attackers = [asyncio.create_task(sent(port, HEAD, b"X-A: b\r\n", 0.2)) for _ in range(SLOW_CLIENTS)]
        beside: list[float] = []
        while not all(attacker.done() for attacker in attackers):
            beside.append(await answered_seconds())

    answers = [attacker.result() for attacker in attackers]
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
    # The attackers run in this process, too, and take its time.
    assert statistics.median(beside) < 2.0 + 2 * statistics.median(alone)
