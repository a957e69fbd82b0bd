"""Decides, record by record, what is written: the three-way rules, field by field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import FileField

from audit_plugin.restore.attribution import Attribution
from audit_plugin.restore.codes import Choice, Code
from audit_plugin.restore.compare import Found, compare
from audit_plugin.restore.decisions import Decisions
from audit_plugin.restore.records import key_text
from audit_plugin.restore.report import Report, field_label
from audit_plugin.restore.rows import Row
from audit_plugin.restore.tables import Column, Table
from audit_plugin.restore.violations import key_exists
from audit_plugin.restore.write import default_of


class Verdict(NamedTuple):
    """What is to be done with one record.

    Attributes:
        write: Whether it is written.
        conflict: The id of the conflict because of which it isn't.
        left_out: Ids of the conflicts because of which single fields aren't.
    """

    write: bool
    conflict: str | None = None
    left_out: dict[str, str] | None = None


#: All is as it was already.
NOTHING = Verdict(False)


class Judge:
    """Applies the rules to compared records.

    Args:
        using: The database alias.
        decisions: The choices made.
        report: Where steps and notes go.
        attribution: Knows who changed something since.

    Attributes:
        bring_back: Records that have to be brought back first.
        refused: Records that a conflict keeps as they are, with its id.
    """

    def __init__(self, using: str, decisions: Decisions, report: Report, attribution: Attribution) -> None:
        self._using = using
        self._decisions = decisions
        self._report = report
        self._attribution = attribution
        self.bring_back: list[Row] = []
        self.refused: list[tuple[Row, str]] = []

    def judge(self, table: Table, found: Sequence[Found]) -> list[Row]:
        """Return the rows that are to be written, with what is to be written in them."""
        rows = []
        for one in found:
            row = one.row
            row.live = one.live if one.exists else None
            self._report.seen(row.id, row.operation, row.live, row.before.text, one.changed, row.broken)
            kept = self._decisions.kept.get(row.id)
            verdict = Verdict(False, kept) if kept else self._rules(table, one)
            if not verdict.write and verdict.conflict is None:
                continue
            if not verdict.write:
                if verdict.conflict is not None and not kept:
                    self.refused.append((row, verdict.conflict))
                row.fields = [name for name in row.before if name in table.columns]
            self._report.row(row, verdict.conflict, verdict.left_out)
            if verdict.write and (row.fields or row.operation == "delete"):
                rows.append(row)
        return rows

    def _rules(self, table: Table, found: Found) -> Verdict:
        match found.row.operation, found.exists:
            case "delete", True:
                return self._deletion(table, found)
            case "delete", False:
                return NOTHING
            case "insert", False:
                return self._insertion(table, found.row)
            case "insert", True:
                conflict = key_exists(table, found.row)
                if self._decisions.decide(conflict) != Choice.OVERWRITE:
                    return Verdict(False, conflict.id)
                found.row.operation = "update"
                return self._update(table, self._again(table, found))
            case _, False:
                return self._gone(table, found.row)
        return self._update(table, found)

    def _again(self, table: Table, found: Found) -> Found:
        """Compare a record that was to be inserted with the one that is there; what it holds is given up."""
        with connections[self._using].cursor() as cursor:
            [found] = compare(cursor, table, [found.row])
        found.row.live = found.live
        self._report.seen(found.live)
        return found._replace(changed=[])

    def _deletion(self, table: Table, found: Found) -> Verdict:
        known = (name for name in {*found.changed, *found.row.broken} if name in table.columns)
        changed = sorted(name for name in known if not table.columns[name].automatic)
        if not changed:
            return Verdict(True)
        conflict = self._attribution.record_changed(table, found.row, changed)
        if self._decisions.decide(conflict) == Choice.OVERWRITE:
            return Verdict(True)
        return Verdict(False, conflict.id)

    def _gone(self, table: Table, row: Row) -> Verdict:
        if all(name not in table.columns or table.columns[name].generated for name in row.before):
            return NOTHING
        conflict = self._attribution.gone(table, row)
        if self._decisions.decide(conflict) == Choice.BRING_BACK:
            self.bring_back.append(row)
        return Verdict(False, conflict.id)

    def _update(self, table: Table, found: Found) -> Verdict:
        row = found.row
        left_out: dict[str, str] = {}
        for name in row.before:
            column = self._column(table, row, name)
            if column is None or name not in found.other:
                continue
            if (*row.id, name) in self._decisions.cleared:
                row.extra[name] = "null"
            elif (kept := self._decisions.kept_fields.get((*row.id, name))) is not None:
                left_out[name] = kept
                continue
            elif (name in found.changed or name in row.broken) and column.automatic:
                self._note(Code.AUTOMATIC, table, name)
                continue
            elif name in found.changed or name in row.broken:
                conflict = self._attribution.field_changed(table, row, name)
                if self._decisions.decide(conflict) != Choice.OVERWRITE:
                    left_out[name] = conflict.id
                    continue
            row.fields.append(name)
            self._note_file(table, column, row.before[name])
        for name in row.masked:
            self._note(Code.SECRET, table, name)
        self._new_key(table, row)
        return Verdict(True, left_out=left_out) if row.fields or left_out else NOTHING

    def _insertion(self, table: Table, row: Row) -> Verdict:
        left_out: dict[str, str] = {}
        for name in row.before:
            column = self._column(table, row, name)
            if column is None:
                continue
            row.fields.append(name)
            if (*row.id, name) in self._decisions.cleared:
                row.extra[name] = "null"
            elif name in row.broken:
                conflict = self._attribution.field_changed(table, row, name)
                if self._decisions.decide(conflict) != Choice.OVERWRITE:
                    left_out[name] = conflict.id
                    row.extra[name] = row.after[name]
            self._note_file(table, column, row.before[name])
        for name, column in table.columns.items():
            if name not in row.fields and not column.generated:
                self._fill(table, row, column)
        self._new_key(table, row)
        return Verdict(True, left_out=left_out)

    def _fill(self, table: Table, row: Row, column: Column) -> None:
        """Give a column its default for which the log has no value."""
        value = default_of(column)
        if value is not None:
            row.fields.append(column.label)
            row.extra[column.label] = value
        if column.label in row.masked:
            self._note(Code.SECRET, table, column.label, "secret_default")
        elif column.label not in row.erased:
            self._note(Code.DEFAULT, table, column.label)

    def _column(self, table: Table, row: Row, name: str) -> Column | None:
        """Return the column behind a recorded value, None where it isn't written."""
        if name in row.erased:
            self._note(Code.ERASED, table, name, when=row.erased[name])
            return None
        column = table.columns.get(name)
        if column is None:
            self._note(Code.SCHEMA_CHANGED, table, name, "schema_field")
            return None
        return None if column.generated else column

    def _note_file(self, table: Table, column: Column, value: str) -> None:
        if isinstance(column.field, FileField) and value not in ("null", '""'):
            self._note(Code.FILE, table, column.label)

    def _note(self, code: Code, table: Table, name: str, key: str | None = None, **values: Any) -> None:
        label = field_label(table.model, name)
        self._report.note(code, key, model=table.label, field=name, label=label, **values)

    @staticmethod
    def _new_key(table: Table, row: Row) -> None:
        labels = [column.label for column in table.key]
        if not any(label in row.fields for label in labels):
            return
        live = json.loads(row.live) if row.live else {}
        values = [
            json.loads(row.before[label]) if label in row.fields else live.get(label) for label in labels
        ]
        new = key_text(values[0]) if len(values) == 1 else json.dumps(values, ensure_ascii=False)
        row.new_key = new if new != row.key else None
