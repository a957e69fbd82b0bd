"""Text in SQL, and text in cells that a spreadsheet must not run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from audit_plugin.capture.columns import literal

#: What makes a spreadsheet take a cell for a formula, also in full width, and what may stand before it
#: unnoticed.
STARTERS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
SKIPPED = " \"'\u00a0\u3000\ufeff"


_FORMULA = re.compile(f"[{re.escape(SKIPPED)}]*[{re.escape(STARTERS)}]")


def neutralised(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; what `neutral` says in SQL."""
    return f"'{text}" if _FORMULA.match(text) else text


def quoted(text: str) -> str:
    """Quote a text of ours for a statement that is sent with parameters."""
    return literal(text).replace("%", "%%")


#: The comment tells it from a wording that happens to be the same.
_TO_JSON = "/*text*/to_json"


def escaped(text: str) -> str:
    """Return the expression for a text as JSON writes it, of the type json; NULL stays NULL."""
    return f"{_TO_JSON}({text})"


def escaping_on(sql: str, version: int) -> str:
    """Return a statement as a server escapes quickest.

    Args:
        sql: The statement.
        version: The server's version, as `pg_version` has it.
    """
    # It looks up how to write a type once for each statement, the other once for each value: that is a tenth of
    # the time that a JSON file takes.
    return sql.replace(_TO_JSON, "JSON_SCALAR") if version >= 170000 else sql


def looked_up(names: Mapping[str, str], key: str) -> str:
    """Return the expression that looks a name up, NULL where there is none.

    Args:
        names: The names by key.
        key: The expression for the key.
    """
    return f"({quoted(json.dumps(names))}::jsonb ->> {key})"


def filled(template: str, marks: Mapping[str, str]) -> str:
    """Return the expression for a text in which marks stand for expressions.

    Args:
        template: The text.
        marks: The expressions by mark, each a single character.
    """
    pieces = re.split(f"([{''.join(map(re.escape, marks))}])", template)
    return f"concat({', '.join(marks.get(piece) or quoted(piece) for piece in pieces if piece)})"


def neutral(cell: str) -> str:
    """Return the expression for a cell that no spreadsheet takes for a formula: with an apostrophe before it.

    Args:
        cell: The name of a text column; it is named more than once.
    """
    # Most cells begin with none of them, which comparing a number tells at next to no cost.
    first = ",".join(str(ord(character)) for character in STARTERS + SKIPPED)
    pattern = quoted(f"^[{_in_class(SKIPPED)}]*[{_in_class(STARTERS)}]")
    return (
        f"CASE WHEN ascii({cell}) = ANY ('{{{first}}}'::int[]) AND {cell} ~ {pattern}"
        f" THEN '''' || {cell} ELSE {cell} END"
    )


def _in_class(characters: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in characters)
