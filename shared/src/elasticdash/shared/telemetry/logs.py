"""How a process of ours logs: every line through one renderer, also those of libraries."""

import logging
import sys
import traceback
import warnings
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["json", "console"]

_LOGGED_FRAMES = 20
log = structlog.get_logger()


def configure(service: str, level: LogLevel, log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Log from this level on, to standard error: standard output belongs to what a command prints.

    Libraries are heard from `warning` on whatever the level: what they say below it holds bodies and statements.
    """
    out = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    shared = _processors(service)
    render = _renderer(log_format, out)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    handler.addFilter(_WithoutErrorTexts())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    warnings.showwarning = _log_warning


def describe_error(error: BaseException) -> dict[str, Any]:
    """Class, cause and innermost frames of an error: its message may hold what a user sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_LOGGED_FRAMES:]
    described: dict[str, Any] = {
        "kind": _name(error),
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    cause = error.__cause__ or error.__context__
    return {**described, "cause": _name(cause)} if cause else described


def _processors(service: str) -> list[Processor]:
    def add_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        _describe_exc_info,
    ]


def _renderer(log_format: LogFormat, out: TextIO) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=out.isatty())


def _describe_exc_info(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    error = _error_of(event)
    return {**event, **describe_error(error)} if error else event


def _error_of(event: MutableMapping[str, Any]) -> BaseException | None:
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, tuple):
        found = found[1]  # pyright: ignore[reportUnknownVariableType] logging's (class, error, traceback)
    return found if isinstance(found, BaseException) else None


class _WithoutErrorTexts(logging.Filter):
    """Names the class of an error where a library would print its message."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_name(arg) if isinstance(arg, BaseException) else arg for arg in record.args)
        return True


def _log_warning(  # noqa: PLR0913, RUF100 the interpreter's signature
    _message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    _file: TextIO | None = None,
    _line: str | None = None,
) -> None:
    """A warning without its text, which may quote values."""
    log.warning("python_warning", category=category.__name__, place=f"{filename}:{lineno}")


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"
