"""The one statement that makes a whole file: filtered, joined, formatted and escaped by the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from audit_plugin.export.columns import Column
from audit_plugin.export.expressions import names
from audit_plugin.export.quoting import escaped, escaping_on, neutral, quoted
from audit_plugin.models import Context, Entry

#: How a moment is written, by the name of the choice; `cell` is what a workbook's date is made of.
MOMENTS = {
    "dmy": "DD/MM/YYYY HH24:MI:SS",
    "iso": 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM',
    "cell": 'YYYY-MM-DD"T"HH24:MI:SS',
}

#: COPY quotes a line only where one of these is in it, and in JSON none can be: so it comes out as it is.
_LINES = r"(FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01')"


class Statement(NamedTuple):
    """A COPY to run, with the parameters of the filter."""

    sql: str
    params: Sequence[Any]

    def on(self, version: int) -> Statement:
        """Return it as a server of this version runs it quickest."""
        return self._replace(sql=escaping_on(self.sql, version))


def csv_statement(entries: QuerySet[Entry], columns: Sequence[Column], moments: str) -> Statement | None:
    """Return the statement that yields lines of CSV, None where the filter can't find anything.

    Args:
        entries: What to export; its order doesn't count, the newest always come first.
        columns: Its columns.
        moments: How moments are written, one of `MOMENTS`.
    """
    named = {f"c{number}": column for number, column in enumerate(columns)}
    raw = ", ".join(f"{_text(column, moments)} AS {name}" for name, column in named.items())
    cells = ", ".join(neutral(name) if column.kind == "text" else name for name, column in named.items())
    # The barrier keeps a cell that the escaping names several times from being computed as often.
    return _copy(
        entries, f"{raw}, e.id", f"SELECT {cells} FROM (", " OFFSET 0) AS r ORDER BY id DESC", "(FORMAT csv)"
    )


def json_statement(entries: QuerySet[Entry], columns: Sequence[Column], start: str = "") -> Statement | None:
    """Return the statement that yields a JSON object a line; see `csv_statement`.

    Args:
        entries: What to export.
        columns: Its columns.
        start: What each line begins with.
    """
    places: dict[str, Any] = {}
    for column in columns:
        place = places
        for key in column.keys[:-1]:
            place = place.setdefault(key, {})
        place[column.keys[-1]] = column
    parts = groupby([start, *_object(places)], lambda part: isinstance(part, str))
    # Put together as text, which takes three quarters of the time that the JSON functions take.
    pieces = (
        quoted("".join(group)) if is_text else ", ".join(_json(column) for column in group)  # type: ignore[arg-type]
        for is_text, group in parts
    )
    return _copy(entries, f"concat({', '.join(pieces)})", "", "", _LINES)


def table_statement(entries: QuerySet[Entry], columns: Sequence[Column], limit: int) -> Statement | None:
    """Return the statement that yields rows of cells for a workbook; see `csv_statement`.

    Args:
        entries: What to export.
        columns: Its columns.
        limit: How many rows at most.
    """
    return _copy(
        entries,
        ", ".join(_text(column, "cell") for column in columns),
        "",
        f" LIMIT {limit:d}",
        "(FORMAT text)",
    )


def _object(places: dict[str, Any]) -> Iterator[str | Column]:
    before = "{"
    for key, value in places.items():
        yield f'{before}"{key}":'
        yield from [value] if isinstance(value, Column) else _object(value)
        before = ","
    yield "}"


def _text(column: Column, moments: str) -> str:
    expression = column.expression()
    return f"to_char({expression}, '{MOMENTS[moments]}')" if column.kind == "moment" else expression


def _json(column: Column) -> str:
    expression = _text(column, "iso")
    if column.kind == "text":
        return f"coalesce({escaped(expression)}, 'null')"
    return expression if column.kind == "json" else f"""coalesce('"' || {expression} || '"', 'null')"""


def _copy(entries: QuerySet[Entry], cells: str, before: str, after: str, options: str) -> Statement | None:
    fields = [field.attname for field in Entry._meta.concrete_fields]
    try:
        found, params = entries.order_by().values(*fields).query.get_compiler(entries.db).as_sql()
    except EmptyResultSet:
        return None
    # The context is looked up for each entry, in the order of the entries: the first row is there at once,
    # where a join would first read all contexts and then sort.
    context = f'SELECT * FROM "{Context._meta.db_table}" WHERE id = e.context_id LIMIT 1'
    named = ", ".join(f"{expression} AS {name}" for name, expression in names().items())
    rows = (
        f"SELECT {cells} FROM ({found}) AS e LEFT JOIN LATERAL ({context}) AS c ON true"
        f" CROSS JOIN LATERAL (SELECT {named}) AS n ORDER BY e.id DESC"
    )
    sql = f"COPY ({before}{rows}{after}) TO STDOUT {options}"
    # Without parameters psycopg sends percent signs as they are.
    return Statement(sql if params else sql % (), params)
