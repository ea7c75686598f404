"""What a refusal by ClickHouse means for whoever asked: too heavy, come back, or this version and the store disagree.

Codes and names: ClickHouse's src/Common/ErrorCodes.cpp.
"""

from elasticdash.shared import errors

# TOO_MANY_ROWS, TIMEOUT_EXCEEDED, TOO_SLOW, SET_SIZE_LIMIT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES,
# TOO_MANY_ROWS_OR_BYTES
_TOO_HEAVY = frozenset({158, 159, 160, 191, 241, 307, 396})
_TIMEOUT_EXCEEDED = 159
# The server does not say whether the rows are in: SOCKET_TIMEOUT, NETWORK_ERROR, UNKNOWN_STATUS_OF_INSERT,
# SYSTEM_ERROR, KEEPER_EXCEPTION
_UNCLEAR = frozenset({_TIMEOUT_EXCEEDED, 209, 210, 319, 425, 999})
# It could not do it now: TOO_MANY_SIMULTANEOUS_QUERIES, ABORTED, TABLE_IS_READ_ONLY, NOT_ENOUGH_SPACE, TOO_MANY_PARTS,
# ALL_CONNECTION_TRIES_FAILED, TOO_FEW_LIVE_REPLICAS, UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE, UNFINISHED,
# QUERY_WAS_CANCELLED, CANNOT_SCHEDULE_TASK
_BUSY = frozenset({202, 236, 242, 243, 252, 279, 285, 286, 341, 394, 439})
# The password is being rotated: UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, AUTHENTICATION_FAILED
_UNKNOWN_USER = frozenset({192, 193, 194, 516})
# NOT_FOUND_COLUMN_IN_BLOCK, NO_SUCH_COLUMN_IN_TABLE, NUMBER_OF_COLUMNS_DOESNT_MATCH, ILLEGAL_COLUMN, UNKNOWN_FUNCTION,
# UNKNOWN_IDENTIFIER, UNKNOWN_TYPE, TYPE_MISMATCH, UNKNOWN_STORAGE, UNKNOWN_TABLE, SYNTAX_ERROR, UNKNOWN_DATABASE,
# UNKNOWN_SETTING, READONLY, SETTING_CONSTRAINT_VIOLATION, ACCESS_DENIED
_MISMATCH = frozenset({10, 16, 20, 44, 46, 47, 50, 53, 56, 60, 62, 81, 115, 164, 452, 497})


def leaves_insert_unclear(code: int | None) -> bool:
    """Whether the rows may be stored or not; no code means that no answer came."""
    return code is None or code in _UNCLEAR


def of_read(code: int | None, name: str | None) -> errors.ElasticDashError:
    """The error of a statement that was to answer with rows, or to change the schema."""
    if code in _TOO_HEAVY:
        return errors.QueryTooHeavyError("The query went past its limit; narrow the time range or the filter.")
    return _of_any(code, name, "a statement")


def of_insert(code: int | None, name: str | None) -> errors.ElasticDashError:
    """The error of an insert; a plain ElasticDashError says that the rows themselves were refused."""
    if code in _TOO_HEAVY and code != _TIMEOUT_EXCEEDED:
        return errors.QueryTooHeavyError("The insert went past the server's memory; send fewer rows.")
    return _of_any(code, name, "an insert")


def _of_any(code: int | None, name: str | None, what: str) -> errors.ElasticDashError:
    if code is None:
        return errors.UnavailableError("ClickHouse can't be reached")
    # Never the server's own text: it may quote what users sent.
    said = f"{name or 'an error'}, code {code}"
    if code in _UNCLEAR or code in _BUSY or code in _UNKNOWN_USER:
        return errors.UnavailableError(f"ClickHouse can't do it now ({said})")
    if code in _MISMATCH:
        return errors.StoreMismatchError(f"ClickHouse refused {what} of this version ({said})")
    return errors.ElasticDashError(f"ClickHouse refused {what} ({said})")
