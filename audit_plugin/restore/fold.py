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
from audit_plugin.restore.fold_sql import LINKS, ROWS, SINGLE, STEPS
from audit_plugin.restore.names import renamed_fields, renamed_models
from audit_plugin.restore.rows import NONE, Link, Row, Values
from audit_plugin.restore.selection import Selection

CHUNK = 1000


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
        self._single = False
        self._model = _looked_up(renamed_models(), "model", "model")
        moved = self._moved()
        self._key = _looked_up(moved, f"ARRAY[{self._model}, object_id]", "object_id")
        self._field = _looked_up(renamed_fields(), "ARRAY[picked.model, name]", "name")

    def counts(self) -> dict[str, int]:
        """Return how many records there are, by the model's label."""
        sql, params = self._picked("I", "U", "D")
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {self._model}, count(DISTINCT {self._key}), count(*) FROM ({sql}) AS entries GROUP BY 1",
                params,
            )
            found = cursor.fetchall()
        self._single = all(records == entries for _, records, entries in found)
        return {label: records for label, records, _ in found}

    def keys(self, model: str) -> tuple[str, list[Any]]:
        """Return SQL, with its parameters, for the keys of one model's records."""
        sql, params = self._picked("I", "U", "D")
        return f"SELECT {self._key} FROM ({sql}) AS entries WHERE {self._model} = %s", [*params, model]

    def rows(self) -> Iterator[list[Row]]:
        """Yield the records in chunks, those with the newest entries first."""
        renamed = renamed_fields()
        whole = "changes"
        if renamed:
            whole = f"(SELECT jsonb_object_agg({self._field}, value) FROM jsonb_each(changes) AS change (name, value))"
        sql = SINGLE if self._single else ROWS
        for chunk in self._chunks(sql, self._picked("I", "U", "D"), whole=whole):
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
            before = Values(old)
            names = [name for name in before if name in row.fields]
            if names:
                steps.append(replace(row, source=source, context=context, before=before, fields=names))
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
        before=Values(before) if before and operation != "delete" else NONE,
        after=Values(after) if after else NONE,
        broken=broken or [],
        masked=[names.get(field, field) for field in masked or []],
        erased={names.get(field, field): when for field, when in json.loads(erased).items()}
        if erased
        else {},
    )
