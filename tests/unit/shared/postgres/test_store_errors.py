"""What errors of the driver and of the event loop mean."""

import pytest

from elasticdash.shared import errors
from elasticdash.shared.postgres import store_errors


@pytest.mark.parametrize(
    "error",
    [
        OSError("reset"),
        RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed"),
    ],
    ids=["asyncio", "uvloop"],
)
def test_a_connection_that_closed_meanwhile_is_unavailable(error: Exception):
    assert isinstance(error, store_errors.FROM_STORE)
    assert isinstance(store_errors.translated(error), errors.UnavailableError)


def test_another_runtime_error_is_a_bug():
    assert store_errors.translated(RuntimeError("generator raised StopIteration")) is None
