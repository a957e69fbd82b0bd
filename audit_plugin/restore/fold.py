"""Folds the entries to undo into one change a record: what it was before them all, and what they left.

The database does it, and hands the result over in chunks, so that the size of a restore doesn't matter to memory. Values
stay JSON texts all the way from the log to the table: Python would lose digits.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from audit_plugin.capture.columns import literal
from audit_plugin.models import Entry
from audit_plugin.restore.names import renamed_fields, renamed_models
from audit_plugin.restore.rows import Link, Row
from audit_plugin.restore.selection import Selection

CHUNK = 1000

# A field's first entry says what it was, its last one what it became. Where an entry doesn't begin with what the one before it
# ended with, something that is not to be undone happened in between.
ROWS = """
    WITH picked AS MATERIALIZED (
        SELECT id, context_id, {model} AS model, {key} AS object_id, object_repr, operation::text AS operation,
               changes, masked, details
          FROM ({entries}) AS entries
    ), records AS (
        SELECT model, object_id, count(*) AS entries,
               (array_agg(object_repr ORDER BY id DESC))[1] AS object_repr,
               (array_agg(operation ORDER BY id))[1] AS first_operation,
               (array_agg(operation ORDER BY id DESC))[1] AS last_operation,
               (array_agg(id ORDER BY id))[1] AS oldest, (array_agg(id ORDER BY id DESC))[1] AS newest,
               (array_agg(context_id ORDER BY id DESC))[1] AS context_id
          FROM picked GROUP BY model, object_id
    ), fields AS (
        SELECT picked.model, object_id, id, {field} AS field,
               CASE operation WHEN 'U' THEN value -> 0 WHEN 'D' THEN value END AS old,
               CASE operation WHEN 'U' THEN value -> 1 WHEN 'I' THEN value END AS new
          FROM picked CROSS JOIN jsonb_each(changes) AS change (name, value)
    ), steps AS (
        SELECT model, object_id, field, old, new,
               lag(new) OVER upwards AS previous, row_number() OVER upwards AS step,
               lead(id) OVER upwards IS NULL AS is_last
          FROM fields WINDOW upwards AS (PARTITION BY model, object_id, field ORDER BY id)
    ), net AS (
        SELECT model, object_id,
               jsonb_object_agg(field, old::text) FILTER (WHERE step = 1 AND old IS NOT NULL) AS before,
               jsonb_object_agg(field, coalesce(new, old)::text) FILTER (WHERE is_last) AS after,
               array_agg(DISTINCT field) FILTER (WHERE step > 1 AND previous IS DISTINCT FROM old) AS broken
          FROM steps GROUP BY model, object_id
    ), hidden AS (
        SELECT model, object_id, array_agg(DISTINCT name) AS masked
          FROM picked CROSS JOIN unnest(masked) AS name GROUP BY model, object_id
    ), erased AS (
        SELECT model, object_id, jsonb_object_agg(name, value) AS erased
          FROM picked CROSS JOIN jsonb_each_text(details -> 'erased') AS gone (name, value) GROUP BY model, object_id
    )
    SELECT model, object_id, object_repr, first_operation, last_operation, oldest, newest, context_id,
           before::text, after::text, broken, masked, erased::text
      FROM records LEFT JOIN net USING (model, object_id) LEFT JOIN hidden USING (model, object_id)
      LEFT JOIN erased USING (model, object_id)
     ORDER BY newest DESC
"""
LINKS = """
    WITH picked AS MATERIALIZED (
        SELECT id, context_id, {model} AS model, {key} AS object_id, object_repr, changes FROM ({entries}) AS entries
    ), moved AS (
        SELECT picked.model, object_id, object_repr, id, context_id, {field} AS field, target, sign
          FROM picked CROSS JOIN jsonb_each(changes) AS change (name, value)
         CROSS JOIN LATERAL (
             SELECT target, 1 FROM jsonb_array_elements(value -> 'added') AS came (target)
             UNION ALL SELECT target, -1 FROM jsonb_array_elements(value -> 'removed') AS went (target)
         ) AS links (target, sign)
         WHERE NOT %s::jsonb ? id::text OR %s::jsonb -> id::text @> target
    )
    SELECT model, object_id, (array_agg(object_repr ORDER BY id DESC))[1], field, target::text,
           (array_agg(id ORDER BY id DESC))[1] AS newest, (array_agg(context_id ORDER BY id DESC))[1]
      FROM moved GROUP BY model, object_id, field, target HAVING sum(sign) {sign} 0
     ORDER BY newest DESC, field, target
"""

STEPS = """
    SELECT model, object_id, id, context_id, jsonb_object_agg({field}, (value -> 0)::text)::text
      FROM (SELECT id, context_id, {model} AS model, {key} AS object_id, changes FROM ({entries}) AS entries) AS picked
     CROSS JOIN jsonb_each(changes) AS change (name, value)
     WHERE (model, object_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
     GROUP BY model, object_id, id, context_id ORDER BY id DESC
"""


class Fold:
    """The entries of a selection, folded.

    Args:
        log: The entries of the database.
        selection: Which of them.
    """

    def __init__(self, log: QuerySet[Entry], selection: Selection) -> None:
        self._connection = connections[log.db]
        self._entries = log.filter(selection.entries).order_by()
        self._only = selection.only
        self._model = _looked_up(renamed_models(), "model", "model")
        moved = self._moved()
        self._key = _looked_up(moved, f"ARRAY[{self._model}, object_id]", "object_id")
        self._field = _looked_up(renamed_fields(), "ARRAY[picked.model, name]", "name")

    def counts(self) -> dict[str, int]:
        """Return how many records there are, by the model's label."""
        sql, params = self._picked("I", "U", "D")
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {self._model}, count(DISTINCT {self._key}) FROM ({sql}) AS entries GROUP BY 1",
                params,
            )
            return dict(cursor.fetchall())

    def keys(self, model: str) -> tuple[str, list[Any]]:
        """Return SQL, with its parameters, for the keys of one model's records."""
        sql, params = self._picked("I", "U", "D")
        return f"SELECT {self._key} FROM ({sql}) AS entries WHERE {self._model} = %s", [*params, model]

    def rows(self) -> Iterator[list[Row]]:
        """Yield the records in chunks, those with the newest entries first."""
        renamed = renamed_fields()
        for chunk in self._chunks(ROWS, self._picked("I", "U", "D")):
            rows = (_row(values, renamed) for values in chunk)
            yield [row for row in rows if row is not None]

    def steps(self, rows: Sequence[Row]) -> list[Row]:
        """Return the changes that are folded into some records, one by one, newest first."""
        entries, params = self._picked("U")
        sql = STEPS.format(entries=entries, model=self._model, key=self._key, field=self._field)
        wanted = {row.id: row for row in rows}
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [*params, [row.model for row in rows], [row.key for row in rows]])
            found = cursor.fetchall()
        steps = []
        for model, key, source, context, old in found:
            row = wanted[model, key]
            before = {name: value for name, value in json.loads(old).items() if name in row.fields}
            if before:
                steps.append(replace(row, source=source, context=context, before=before, fields=list(before)))
        return steps

    def links(self, *, came: bool) -> Iterator[list[Link]]:
        """Yield the links that came, or those that went, in chunks."""
        sql, params = self._picked("M")
        only = json.dumps(self._only)
        for chunk in self._chunks(LINKS, (sql, [*params, only, only]), sign=">" if came else "<"):
            yield [Link(*values) for values in chunk]

    def link_fields_of_records(self) -> list[tuple[str, str]]:
        """Return the models and fields of links that are records of their own."""
        found = self._entries.filter(operation="M", details__has_key="through").values_list(
            "model", "changes"
        )
        return sorted({(model, name) for model, changes in found[:CHUNK] for name in changes or ()})

    def _picked(self, *operations: str) -> tuple[str, list[Any]]:
        entries = self._entries.filter(operation__in=operations)
        if operations == ("M",):
            entries = entries.exclude(details__has_key="through")
        columns = (
            "id",
            "context_id",
            "model",
            "object_id",
            "object_repr",
            "operation",
            "changes",
            "masked",
            "details",
        )
        sql, params = entries.values_list(*columns).query.get_compiler(entries.db).as_sql()
        return sql, list(params)

    def _chunks(self, sql: str, picked: tuple[str, list[Any]], **names: str) -> Iterator[list[Any]]:
        sql = sql.format(entries=picked[0], model=self._model, key=self._key, field=self._field, **names)
        with self._connection.chunked_cursor() as cursor:
            cursor.execute(sql, picked[1])
            while chunk := cursor.fetchmany(CHUNK):
                yield chunk

    def _moved(self) -> dict[str, dict[str, str]]:
        """The last key of each record whose key the entries change, by model and earlier key."""
        moves: dict[str, dict[str, str]] = defaultdict(dict)
        found = self._entries.filter(operation="U", details__has_key="previous_object_id").order_by("-id")
        renamed = renamed_models()
        for label, key, details in found.values_list("model", "object_id", "details"):
            keys = moves[renamed.get(label, label)]
            keys[(details or {})["previous_object_id"]] = keys.get(key, key)
        return moves


def _looked_up(names: Mapping[str, Any], path: str, default: str) -> str:
    """Return SQL for what a name stands for today."""
    if not names:
        return default
    operator = "#>>" if path.startswith("ARRAY") else "->>"
    return f"coalesce({literal(json.dumps(names)).replace('%', '%%')}::jsonb {operator} {path}, {default})"


def _row(values: Sequence[Any], renamed: Mapping[str, Mapping[str, str]]) -> Row | None:
    model, key, name, first, last, oldest, newest, context, before, after, broken, masked, erased = values
    if (first, last) == ("I", "D"):
        # Created and deleted again: nothing was there before, nothing is left.
        return None
    operation = "delete" if first == "I" else "insert" if last == "D" else "update"
    names = renamed.get(model, {})
    return Row(
        model=model,
        key=key,
        object_repr=name,
        operation=operation,
        oldest=oldest,
        source=newest,
        context=context,
        before=json.loads(before) if before and operation != "delete" else {},
        after=json.loads(after) if after else {},
        broken=broken or [],
        masked=[names.get(field, field) for field in masked or []],
        erased={names.get(field, field): when for field, when in json.loads(erased or "{}").items()},
    )
