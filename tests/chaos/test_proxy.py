"""The fault proxy does to connections what it says, so that what it does to the Logger can be believed."""

import socket
import socketserver
import threading
import time
from collections.abc import Generator

import pytest

from support.chaos.faults import Fault, Mode, Trap
from support.chaos.proxy import FaultProxy, Link

TIMEOUT_SECONDS = 5.0
SILENCE_SECONDS = 0.3


class Echo(socketserver.ThreadingTCPServer):
    """Answers every chunk with itself in capitals, and remembers what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _EchoHandler)
        self.received: list[bytes] = []
        self.port = int(self.server_address[1])


class _EchoHandler(socketserver.BaseRequestHandler):
    server: Echo

    def handle(self) -> None:
        try:
            while chunk := self.request.recv(65536):
                self.server.received.append(chunk)
                self.request.sendall(chunk.upper())
        except OSError:
            return


@pytest.fixture
def echo() -> Generator[Echo]:
    with Echo() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def link(echo: Echo) -> Generator[Link]:
    with FaultProxy() as proxy:
        yield proxy.link("echo", echo.port)


def connect(link: Link) -> socket.socket:
    return socket.create_connection(("127.0.0.1", link.port), timeout=TIMEOUT_SECONDS)


def ask(connection: socket.socket, text: bytes = b"hello") -> bytes:
    connection.sendall(text)
    return connection.recv(65536)


def wait_until_received(echo: Echo, text: bytes) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while text not in b"".join(echo.received):
        assert time.monotonic() < deadline, f"the upstream never got {text!r}"
        time.sleep(0.01)


def test_a_healthy_link_passes_both_ways(link: Link):
    with connect(link) as connection:
        assert [ask(connection, b"one"), ask(connection, b"two")] == [b"ONE", b"TWO"]


def test_the_end_of_a_stream_is_passed_on(link: Link):
    with connect(link) as connection:
        ask(connection)
        connection.shutdown(socket.SHUT_WR)

        assert connection.recv(10) == b""


def test_refuse_looks_like_a_port_nobody_listens_on_and_keeps_the_port(link: Link):
    port = link.port
    link.set(Fault(Mode.REFUSE))

    with pytest.raises(ConnectionRefusedError):
        connect(link)

    link.heal()
    assert link.port == port
    with connect(link) as connection:
        assert ask(connection) == b"HELLO"


@pytest.mark.parametrize("mode", [Mode.REFUSE, Mode.RESET, Mode.CUT_REPLY])
def test_open_connections_break(link: Link, mode: Mode):
    with connect(link) as connection:
        ask(connection)
        link.set(Fault(mode))

        with pytest.raises(ConnectionResetError):
            ask(connection)


def test_reset_answers_a_new_connection_with_a_reset(link: Link, echo: Echo):
    link.set(Fault(Mode.RESET))

    with pytest.raises(ConnectionResetError), connect(link) as connection:
        ask(connection)
    assert echo.received == []


@pytest.mark.parametrize("is_open_before", [True, False], ids=["open", "new"])
def test_a_blackhole_says_nothing_until_it_heals(link: Link, echo: Echo, is_open_before: bool):
    if not is_open_before:
        link.set(Fault(Mode.BLACKHOLE))
    with connect(link) as connection:
        link.set(Fault(Mode.BLACKHOLE))
        connection.settimeout(SILENCE_SECONDS)

        with pytest.raises(TimeoutError):
            ask(connection)
        assert echo.received == []

        link.heal()
        connection.settimeout(TIMEOUT_SECONDS)
        assert connection.recv(10) == b"HELLO"


def test_a_cut_reply_reaches_the_upstream_and_not_the_client(link: Link, echo: Echo):
    link.set(Fault(Mode.CUT_REPLY))

    with connect(link) as connection, pytest.raises(ConnectionResetError):
        ask(connection, b"commit")

    wait_until_received(echo, b"commit")


def test_a_half_close_ends_the_reply_and_still_takes_requests(link: Link, echo: Echo):
    link.set(Fault(Mode.HALF_CLOSE))
    with connect(link) as connection:
        assert ask(connection, b"first") == b""

        connection.sendall(b"second")
        wait_until_received(echo, b"second")


def test_latency_is_added_in_both_directions(link: Link):
    link.set(Fault(latency_seconds=0.1))

    with connect(link) as connection:
        started = time.monotonic()
        ask(connection)

        assert time.monotonic() - started >= 0.2


def test_a_rate_bounds_what_passes_in_a_second(link: Link):
    link.set(Fault(bytes_per_second=40_000))

    with connect(link) as connection:
        started = time.monotonic()
        ask(connection, b"x" * 4_000)

        assert time.monotonic() - started >= 0.15


def test_healing_ends_a_wait_at_once(link: Link):
    link.set(Fault(latency_seconds=60.0))
    with connect(link) as connection:
        connection.sendall(b"late")
        time.sleep(0.1)
        link.heal()

        assert connection.recv(10) == b"LATE"


def test_a_trap_before_the_request_acts_once_and_keeps_it_from_the_upstream(link: Link, echo: Echo):
    sprung: list[str] = []
    link.set_trap(Trap(b"PUT", "before_request", lambda: sprung.append("now")))
    with connect(link) as other:
        assert ask(other, b"get") == b"GET"

    with connect(link) as connection, pytest.raises(ConnectionResetError):
        ask(connection, b"PUT x")

    assert (sprung, link.is_trap_set, b"PUT x" in echo.received) == (["now"], False, False)
    with connect(link) as connection:
        assert ask(connection, b"PUT x") == b"PUT X"


def test_a_trap_after_the_reply_acts_when_the_upstream_has_answered(link: Link, echo: Echo):
    received_at_spring: list[bytes] = []
    link.set_trap(Trap(b"PUT", "after_reply", lambda: received_at_spring.extend(echo.received)))

    with connect(link) as connection, pytest.raises(ConnectionResetError):
        ask(connection, b"PUT x")

    assert received_at_spring == [b"PUT x"]


def test_an_unreachable_upstream_resets_the_client():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with FaultProxy() as proxy:
        link = proxy.link("nobody", port)

        with pytest.raises(ConnectionResetError), connect(link) as connection:
            ask(connection)
