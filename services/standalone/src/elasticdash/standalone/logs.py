"""How a process of ours logs: one JSON object per line."""

import logging

import structlog

from elasticdash.shared import errors


def configure(level: str) -> None:
    """Log from this level on; ConfigurationError when there is no such level."""
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise errors.ConfigurationError(f"ELASTICDASH_LOG_LEVEL must be debug, info, warning or error, not {level!r}")
    logging.basicConfig(level=number)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )
