"""Turns API conditions into SQL predicates over the narrow list tables: whitelisted columns, bound values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_columns, words
from elasticdash.shared.clickhouse.filter_columns import Column, Kind, Place, Surface
from elasticdash.shared.clickhouse.filter_conditions import Condition

_STRING_TYPES = frozenset({"string", "stringOptions"})
_ACCEPTED: Mapping[Kind, frozenset[str]] = {
    Kind.STRING: _STRING_TYPES,
    Kind.STRING_OPTIONS: _STRING_TYPES,
    Kind.NUMBER: frozenset({"number"}),
    Kind.DATETIME: frozenset({"datetime"}),
    Kind.BOOLEAN: frozenset({"boolean"}),
    Kind.ARRAY: frozenset({"arrayOptions", "stringOptions"}),
    Kind.TEXT_MAP: frozenset({"stringObject"}),
    Kind.SCORE_AVERAGE: frozenset({"numberObject"}),
    Kind.SCORE_CATEGORY: frozenset({"categoryOptions", "stringOptions"}),
    Kind.SCORE_BOOLEAN: frozenset({"booleanObject"}),
}
_NEGATIONS = {
    "none of": "any of",
    "does not contain": "contains",
    "<>": "=",
    "is null": "is not null",
    "is not set": "is set",
}
_SCORES_BY_TYPE = {
    "numberObject": "scores_avg",
    "categoryOptions": "score_categories",
    "stringOptions": "score_categories",
    "booleanObject": "score_booleans",
}


# Conditions on texts begin to read wide rows here.
_WIDE_ROWS = "FROM observations\nWHERE project_id = {project_id:String} AND"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition in SQL over the list's rows; it is never NULL. Its parameters are its own by name."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def reads_wide_rows(self) -> bool:
        """Whether it looks for all wide rows that hold something, whatever the list's rows are."""
        return _WIDE_ROWS in self.sql

    def among(self, wide_rows: str) -> "Predicate":
        """The same where only these wide rows are looked at; the parameters of their SQL come from elsewhere."""
        return Predicate(self.sql.replace(_WIDE_ROWS, f"{_WIDE_ROWS} {wide_rows} AND"), self.parameters)


@dataclass(frozen=True, slots=True)
class _Match:
    """The positive form of a condition over one expression."""

    condition: Condition
    operator: str
    value_name: str
    key_name: str


def compile_all(
    surface: Surface, simple: Sequence[Condition], filters: Sequence[Condition], prefix: str = "f"
) -> Sequence[Predicate]:
    """One predicate per condition, all of which must hold.

    A condition of `filters` replaces every condition of `simple` (the plain query parameters) on its column.
    Raises InvalidRequestError for a column the surface lacks, a type the column does not take, and a filter on
    input or output without any selective condition on them. Source of the rules: the Langfuse filter grammar.
    """
    resolved = [(_column(surface, condition), condition) for condition in filters if not _is_position(condition)]
    _require_selective_text(resolved)
    replaced = {column.id for column, _ in resolved}
    kept = [(column, c) for column, c in ((_column(surface, c), c) for c in simple) if column.id not in replaced]
    return [
        _compile(column, condition, f"{prefix}{index}") for index, (column, condition) in enumerate(kept + resolved)
    ]


def _is_position(condition: Condition) -> bool:
    # Clients send it with saved views; it narrows nothing on these surfaces.
    return condition.type == "positionInTrace"


def _column(surface: Surface, condition: Condition) -> Column:
    name = condition.column
    if name == "scores":
        name = _SCORES_BY_TYPE.get(condition.type, name)
    column = surface.get(name)
    if column is None:
        raise errors.InvalidRequestError(f"Column {condition.column} does not match a UI / CH table mapping.")
    if condition.type != "null" and condition.type not in _ACCEPTED[column.kind]:
        accepted = ", ".join(sorted(_ACCEPTED[column.kind]))
        raise errors.InvalidRequestError(
            f"Invalid filter type {condition.type!r} for column {condition.column!r}: it takes {accepted}"
        )
    if condition.operator == "matches" and not _is_searchable(surface, column):
        raise errors.InvalidRequestError(f"Operator 'matches' is not available for column {condition.column!r}")
    return column


def _is_searchable(surface: Surface, column: Column) -> bool:
    is_v2 = surface is filter_columns.OBSERVATIONS_V2
    return is_v2 and (column.is_long_text or column.kind is Kind.TEXT_MAP)


def _require_selective_text(resolved: Sequence[tuple[Column, Condition]]) -> None:
    operators = {condition.operator for column, condition in resolved if column.is_long_text}
    if operators and not operators & {"=", "matches"}:
        raise errors.InvalidRequestError(
            "A filter on input or output needs at least one '=' or 'matches' condition on input or output."
        )


def _compile(column: Column, condition: Condition, name: str) -> Predicate:
    if column.kind in (Kind.STRING, Kind.STRING_OPTIONS) and condition.operator == "=" and condition.value == "":
        condition = Condition("null", condition.column, "is null", "")
    operator = condition.operator
    if column.kind is not Kind.SCORE_BOOLEAN:
        # A row without the score is not one whose score differs, so there `<>` is not the negation of `=`.
        operator = _NEGATIONS.get(operator, operator)
    match = _Match(condition, operator, name, f"{name}_key")
    needs_key = column.kind is Kind.TEXT_MAP and condition.type == "stringObject" and operator != "is set"
    positive = _placed(column, match)
    if operator != condition.operator:
        positive = f"NOT {positive}"
        if needs_key:
            # A row without the key neither contains nor lacks the text.
            present = _Match(condition, "is set", name, match.key_name)
            positive = f"({positive} AND {_placed(column, present)})"
    return Predicate(positive, _parameters(condition, name))


def _parameters(condition: Condition, name: str) -> dict[str, object]:
    value = condition.value
    parameters: dict[str, object] = {
        name: round(value.timestamp() * 1_000_000) if isinstance(value, datetime) else value
    }
    if condition.operator == "matches":
        parameters = words.parameters(str(value), name)
    if condition.key is not None:
        parameters[f"{name}_key"] = condition.key
    return parameters


def _placed(column: Column, match: _Match) -> str:
    match column.place:
        case Place.LIST:
            return _bool(_expression(column.kind, column.sql, match))
        case Place.WIDE:
            return _lines(
                f"(trace_id, id, revision) IN (SELECT trace_id, id, revision {_WIDE_ROWS}",
                _expression(column.kind, column.sql, match) + ")",
            )
        case Place.TRACE:
            # Only a value of its own counts here: an unset one is not empty, it is the trace's.
            own = "0"
            if column.sql:
                own = _bool(f"{_is_set(column.kind, column.sql)} AND {_expression(column.kind, column.sql, match)}")
            return _lines(
                f"({own} OR trace_id IN (",
                "SELECT trace_id FROM traces_by_time FINAL",
                "WHERE project_id = {project_id:String} AND",
                _expression(column.kind, column.trace_sql, match) + "))",
            )
        case Place.TRACE_SCORES | Place.OBSERVATION_SCORES:
            return _scored(column, match)


def _scored(column: Column, match: _Match) -> str:
    # FINAL: a score's newest version decides, and scores are few beside the rows they judge.
    of_trace = column.place is Place.TRACE_SCORES
    target = "ifNull(trace_id, '')" if of_trace else "ifNull(trace_id, ''), ifNull(observation_id, '')"
    rows = "trace_id" if of_trace else "(trace_id, id)"
    named = "" if match.condition.key is None else f"AND name = {{{match.key_name}:String}}"
    if match.condition.type == "null":
        kept, grouped = "", ""
    elif column.kind is Kind.SCORE_AVERAGE:
        kept = "AND data_type IN ('NUMERIC', 'BOOLEAN')"
        grouped = f"GROUP BY {target} HAVING avg(value) {match.operator} {{{match.value_name}:Float64}}"
    elif column.kind is Kind.SCORE_CATEGORY:
        kept, grouped = f"AND data_type = 'CATEGORICAL' AND string_value IN {{{match.value_name}:Array(String)}}", ""
    else:
        kept, grouped = f"AND data_type = 'BOOLEAN' AND (value != 0) {match.operator} {{{match.value_name}:Bool}}", ""
    return _lines(
        f"{rows} IN (SELECT {target}",
        "FROM scores FINAL",
        "WHERE project_id = {project_id:String}",
        named,
        kept,
        grouped + ")",
    )


def _expression(kind: Kind, sql: str, match: _Match) -> str:
    """The positive condition over one expression; NULL where the expression is."""
    value = match.value_name
    if match.condition.type == "null":
        return _is_set(kind, sql)
    if kind in (Kind.STRING, Kind.STRING_OPTIONS):
        return _text_expression(sql, match)
    if kind is Kind.NUMBER:
        return f"{sql} {match.operator} {{{value}:Float64}}"
    if kind is Kind.DATETIME:
        return f"{sql} {match.operator} fromUnixTimestamp64Micro({{{value}:Int64}})"
    if kind is Kind.BOOLEAN:
        return f"({sql}) = {{{value}:Bool}}"
    if kind is Kind.ARRAY:
        function = "hasAll" if match.operator == "all of" else "hasAny"
        return f"{function}({sql}, {{{value}:Array(String)}})"
    key = f"{{{match.key_name}:String}}"
    has_key = f"mapContains({sql}, {key})"
    return has_key if match.operator == "is set" else f"({has_key} AND {_text_expression(f'{sql}[{key}]', match)})"


def _text_expression(sql: str, match: _Match) -> str:
    condition, operator = match.condition, match.operator
    bound = f"{{{match.value_name}:String}}"
    if operator == "any of":
        counts_unset = isinstance(condition.value, Sequence) and "" in condition.value
        operand = f"ifNull({sql}, '')" if counts_unset else sql
        return f"{operand} IN {{{match.value_name}:Array(String)}}"
    if condition.value == "" and operator != "=":
        # Every text contains, starts and ends with the empty one; an unset text counts as empty.
        return "1"
    match operator:
        case "contains":
            return f"position({sql}, {bound}) > 0"
        case "starts with":
            return f"startsWith({sql}, {bound})"
        case "ends with":
            return f"endsWith({sql}, {bound})"
        case "matches":
            return words.holds_all(sql, str(condition.value), match.value_name)
        case _:
            return f"{sql} = {bound}"


def _is_set(kind: Kind, sql: str) -> str:
    if kind in (Kind.STRING, Kind.STRING_OPTIONS):
        return f"ifNull({sql}, '') != ''"
    if kind in (Kind.ARRAY, Kind.TEXT_MAP):
        return f"notEmpty({sql})"
    return f"({sql}) IS NOT NULL"


def _bool(sql: str) -> str:
    return f"ifNull({sql}, 0)"


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
