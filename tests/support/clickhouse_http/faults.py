"""What goes wrong, as ClickHouse's HTTP interface says it."""

import re
from http import HTTPStatus

_CODE = re.compile(r"Code: (\d+)\. (?:DB::Exception: )+(.*)", re.DOTALL)
_VERSION = re.compile(r" \(version [^()]*(?:\([^()]*\))?\)\s*$")

POCO_EXCEPTION = 1000
_STATUS_OF_CODE = {
    HTTPStatus.BAD_REQUEST: {6, 16, 25, 26, 27, 33, 36, 38, 41, 43, 53, 62, 72, 117, 130, 164, 456, 457},
    HTTPStatus.UNAUTHORIZED: {194},
    HTTPStatus.FORBIDDEN: {192, 193, 497, 512, 516},
    HTTPStatus.NOT_FOUND: {46, 47, 50, 56, 60, 63, 73, 78, 81, 115},
    HTTPStatus.REQUEST_TIMEOUT: {159},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {129},
    HTTPStatus.NOT_IMPLEMENTED: {48},
    HTTPStatus.SERVICE_UNAVAILABLE: {209, 210, 439},
}


class ServerError(Exception):
    """A refused request: ClickHouse's error code, its name and the text for the client."""

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {message} ({name})")
        self.code = code

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status a server answers with for this code."""
        for status, codes in _STATUS_OF_CODE.items():
            if self.code in codes:
                return status
        return HTTPStatus.INTERNAL_SERVER_ERROR

    def body(self, version: str) -> bytes:
        """The answer's text, as a server writes it."""
        return f"{self} (version {version})\n".encode()


def from_engine(error: Exception) -> ServerError:
    """The engine's own error with its code, whatever the driver wrapped it in."""
    found = _CODE.search(str(error))
    if found is None:
        return ServerError(1002, "UNKNOWN_EXCEPTION", str(error))
    message = _VERSION.sub("", found.group(2).strip())
    name = message.rpartition("(")[2].rstrip(")") if message.endswith(")") else "UNKNOWN"
    return ServerError(int(found.group(1)), name, message.removesuffix(f"({name})").rstrip())
