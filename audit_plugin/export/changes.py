"""What changed, as SQL expressions: as text for people and as JSON for machines.

The rows of a million entries are made by the database, so this says in SQL what `audit_plugin.changes` says
in Python; the tests compare the two.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from audit_plugin.export.quoting import escaped, quoted

NOTHING = "\N{EN DASH}"
ARROW = " \N{RIGHTWARDS ARROW} "
MINUS = "\N{MINUS SIGN}"

#: Reading key after key is the fastest way through a small value (1.2 µs a field against 2.5), but a
#: compressed or large one would be unpacked again for each; those are expanded once.
_IS_SMALL = "pg_column_size(e.changes) < 2000 AND pg_column_compression(e.changes) IS NULL"

_KEYS = "FROM (SELECT jsonb_object_keys(e.changes) AS k OFFSET 0) AS keys"
_EACH = "FROM jsonb_each({}) AS f (k, v)"
_WHOLE = "v #>> '{}'"
#: Keys of the details that say what an event is connected with, not what happened.
UNTOLD = ("_event", "related")
_TOLD = f"k NOT IN {UNTOLD!r}"


def changes_text() -> str:
    """Return the expression for `field: old → new; …`; an entry without changes shows its details."""
    note = quoted(": " + _("changed (not stored)"))
    masked = _masked(f"m || {note}", "; ")
    details = (
        f"(SELECT string_agg(k || ': ' || {_shown(_WHOLE)}, '; ') {_EACH.format('e.details')} WHERE {_TOLD})"
    )
    pairs = {
        "U": ("e.changes -> k ->> 0", "e.changes -> k ->> 1"),
        "D": ("e.changes ->> k", None),
        "": (None, "e.changes ->> k"),
    }
    expanded = {"U": ("v ->> 0", "v ->> 1"), "D": (_WHOLE, None), "": (None, _WHOLE)}
    fields = _by_operation(
        {operation: _arrow(*pair) for operation, pair in pairs.items()},
        {"M": _links(), **{operation: _arrow(*pair) for operation, pair in expanded.items()}},
        "; ",
    )
    return f"coalesce(nullif(concat_ws('; ', {fields}, {masked}), ''), {details})"


def changes_json() -> str:
    """Return the expression for a JSON object of `{"old": …, "new": …}` by field, as text."""
    masked = _masked(f"""{escaped("m")}::text || ':{{"masked":true}}'""", ",")
    pairs = {
        "U": ("e.changes -> k -> 0", "e.changes -> k -> 1"),
        "D": ("e.changes -> k", None),
        "": (None, "e.changes -> k"),
    }
    expanded = {"U": ("v -> 0", "v -> 1"), "D": ("v", None), "": (None, "v")}
    fields = _by_operation(
        {operation: _pair(*pair) for operation, pair in pairs.items()},
        {
            "M": f"{escaped('k')}::text || ':' || v::text",
            **{operation: _pair(*pair) for operation, pair in expanded.items()},
        },
        ",",
    )
    return f"concat('{{', concat_ws(',', {fields}, {masked}), '}}')"


def _by_operation(small: Mapping[str, str], expanded: Mapping[str, str], separator: str) -> str:
    """Join what is made of each field. The operation is asked once a row where that saves asking it for
    each."""

    def joined(field: str) -> str:
        return f"(SELECT string_agg({field}, '{separator}') {_KEYS})"

    cases = "".join(
        f" WHEN '{operation}' THEN {joined(field)}" for operation, field in small.items() if operation
    )
    several = "".join(
        f" WHEN '{operation}' THEN {field}" for operation, field in expanded.items() if operation
    )
    return (
        "CASE WHEN e.changes IS NULL THEN NULL"
        f" WHEN {_IS_SMALL} AND e.operation <> 'M' THEN CASE e.operation{cases} ELSE {joined(small[''])} END"
        f" ELSE (SELECT string_agg(CASE e.operation{several} ELSE {expanded['']} END, '{separator}')"
        f" {_EACH.format('e.changes')}) END"
    )


def _masked(field: str, separator: str) -> str:
    # Few entries have any, and to ask which costs as much as another field.
    return (
        "CASE WHEN e.masked IS NOT NULL THEN"
        f" (SELECT string_agg({field}, '{separator}') FROM unnest(e.masked) AS m) END"
    )


def _shown(value: str | None) -> str:
    return f"'{NOTHING}'" if value is None else f"coalesce({value}, '{NOTHING}')"


def _arrow(old: str | None, new: str | None) -> str:
    return _chain("k", "': '", _shown(old), f"'{ARROW}'", _shown(new))


def _links() -> str:
    signed = (
        f"(SELECT string_agg('{sign}' || x, ', ') FROM jsonb_array_elements_text(v -> '{side}') AS x)"
        for sign, side in (("+", "added"), (MINUS, "removed"))
    )
    return f"k || ': ' || concat_ws(', ', {', '.join(signed)})"


def _pair(old: str | None, new: str | None) -> str:
    before, after = (f"coalesce(({side})::text, 'null')" if side else "'null'" for side in (old, new))
    return _chain(f"{escaped('k')}::text", """':{"old":'""", before, """',"new":'""", after, "'}'")


def _chain(*parts: str) -> str:
    # Literals that meet become one: each operator costs the same again for every field.
    return " || ".join(parts).replace("' || '", "")
