"""What the ingest endpoints share: who sent it, and how errors of ours are answered."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from elasticdash.shared import errors
from elasticdash.web import error_responses
from elasticdash.web.ingest.acceptor import Sender

Endpoint = Callable[[Request], Awaitable[Response]]
_MAX_SDK_HEADER_CHARACTERS = 200


def sender_of(request: Request) -> Sender:
    """What the SDK says about itself, in any of its spellings."""
    return Sender(_sdk_header(request, "name"), _sdk_header(request, "version"))


def answering_errors(
    endpoint: Endpoint, answer: Callable[[Exception], Response] = error_responses.response_for
) -> Endpoint:
    """The endpoint with its errors turned into answers here: the framework's handlers would have to unwind first."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except errors.ElasticDashError as error:
            return answer(error)

    return answered


def _sdk_header(request: Request, part: str) -> str:
    for brand in ("langfuse", "elasticdash"):
        for name in (f"x-{brand}-sdk-{part}", f"x_{brand}_sdk_{part}"):
            value = request.headers.get(name)
            if value:
                return value[:_MAX_SDK_HEADER_CHARACTERS]
    return "unknown"
