"""The price package's rules for matching a model name, as patterns RE2 can run."""

import re

from genai_prices import types

# RE2 has no look-around; what a refused name would have matched is found earlier, because loosened models come last.
_LOOK_AROUND = re.compile(r"\(\?<?[!=]")


def pattern_of(clause: types.MatchLogic) -> str:
    """A pattern for whole names. Of several rules that must all hold, the first that RE2 can run stays."""
    match clause:
        case types.ClauseEquals():
            return re.escape(clause.equals)
        case types.ClauseStartsWith():
            return f"{re.escape(clause.starts_with)}.*"
        case types.ClauseEndsWith():
            return f".*{re.escape(clause.ends_with)}"
        case types.ClauseContains():
            return f".*{re.escape(clause.contains)}.*"
        case types.ClauseRegex():
            return f".*(?:{clause.regex}).*"
        case types.ClauseOr():
            return "|".join(pattern_of(part) for part in clause.or_)
        case types.ClauseAnd():
            return f"(?:{pattern_of(next(part for part in clause.and_ if not _is_look_around(part)))})"


def is_loosened(clause: types.MatchLogic) -> bool:
    """Whether `pattern_of` finds more names than the clause does."""
    if isinstance(clause, types.ClauseOr):
        return any(is_loosened(part) for part in clause.or_)
    return isinstance(clause, types.ClauseAnd)


def _is_look_around(clause: types.MatchLogic) -> bool:
    return isinstance(clause, types.ClauseRegex) and bool(_LOOK_AROUND.search(clause.regex))
