"""Writes judged rows under the context of the restore, and sorts out what the database refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connections, transaction

from audit_plugin.context import context
from audit_plugin.restore import write
from audit_plugin.restore.codes import Choice, Code, text
from audit_plugin.restore.compare import compare
from audit_plugin.restore.decisions import Decisions, conflict_id
from audit_plugin.restore.names import model_of
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.records import part_labels
from audit_plugin.restore.references import Missing, find_missing
from audit_plugin.restore.report import Report, field_label
from audit_plugin.restore.rows import NONE, Row, Values
from audit_plugin.restore.tables import Table
from audit_plugin.restore.violations import ORDERED, explain

STATEMENTS: dict[str, Callable[[Table], Callable[[Any, Sequence[Row]], None]]] = {
    "update": write.update,
    "insert": write.insert,
    "delete": write.delete,
}

#: How many rows of each table are compared with the log once more after writing. A column that has become narrower shows in
#: any of them; where triggers may change what is written, all are.
VERIFIED = 100

#: An operation, its table and a row that had to wait for others.
Waiting = tuple[str, Table, Row]


@dataclass
class Writer:
    """Writes rows.

    Attributes:
        using: The database alias.
        decisions: The choices made.
        report: Where it is told.
        anchor: The entry that everything points back to; None for each record's own.
        exact: Whether each record gets a statement, and so a source, of its own.
        validate: Whether records go through the validation of their models.
        steps: Returns the single changes that are folded into records, newest first.
        again: Whether something that is written already must not be: the pass has to be repeated.
        bring_back: Records that have to be restored too.
        missing: Rows that refer to something that isn't there, or not yet.
        sources: The entries pointed back to; of very many the first ones.
    """

    using: str
    decisions: Decisions
    report: Report
    anchor: UUID | None
    exact: bool
    validate: bool
    steps: Callable[[Sequence[Row]], list[Row]]
    again: bool = False
    bring_back: list[tuple[str, str]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    sources: list[UUID] = field(default_factory=list)
    _verified: Counter[tuple[str, str]] = field(default_factory=Counter)
    _waiting: list[Waiting] = field(default_factory=list)

    def write(
        self, operation: str, table: Table, rows: Sequence[Row], effect: str | None = None
    ) -> list[Row]:
        """Write rows of one table and return those that were written.

        Args:
            operation: `update`, `insert` or `delete`.
            table: The table.
            rows: The rows.
            effect: What it is called among what was touched, if not as the operation.
        """

        def failed(row: Row, error: DatabaseError) -> None:
            if write.sqlstate(error) in ORDERED:
                self._waiting.append((operation, table, row))
            else:
                self.refuse(row, explain(self.using, table, row, error))

        written: list[Row] = []
        for group in self._groups(rows):
            with self.source(group[0].source):
                written += write.write(self.using, group, STATEMENTS[operation](table), failed)
        self._after(operation, table, written, effect or operation)
        return written

    def retry(self) -> None:
        """Write what had to wait for other rows, as long as that helps; what remains is a conflict."""
        waiting, self._waiting = self._waiting, []
        while waiting:
            errors = [(item, error) for item in waiting if (error := self._try(*item)) is not None]
            if len(errors) == len(waiting):
                errors = self._one_by_one(errors)
            if len(errors) == len(waiting):
                for (_, table, row), error in errors:
                    self.refuse(row, explain(self.using, table, row, error))
                return
            waiting = [item for item, _ in errors]

    def _try(self, operation: str, table: Table, row: Row) -> DatabaseError | None:
        errors: list[DatabaseError] = []
        with self.source(row.source):
            write.write(
                self.using, [row], STATEMENTS[operation](table), lambda _, error: errors.append(error)
            )
        if errors:
            return errors[0]
        self._after(operation, table, [row], operation)
        return None

    def _one_by_one(self, errors: list[tuple[Waiting, DatabaseError]]) -> list[tuple[Waiting, DatabaseError]]:
        """Undo changes one after the other that can't be undone at once: two records that swapped a unique value.

        What they did at the time to get past each other is in the log, so going back the same way works.
        """
        tables = {row.id: table for (operation, table, row), _ in errors if operation == "update"}
        rows = [row for (operation, _, row), _ in errors if operation == "update"]
        if len(rows) < 2:
            return errors
        try:
            with transaction.atomic(self.using):
                for step in self.steps(rows):
                    with self.source(step.source), connections[self.using].cursor() as cursor:
                        write.update(tables[step.id])(cursor, [step])
        except IntegrityError:
            return errors
        for row in rows:
            self._after("update", tables[row.id], [row], "update")
        return [error for error in errors if error[0][0] != "update"]

    def source(self, entry: str) -> context:
        """Return the context to write in what undoes an entry."""
        source = self.anchor or UUID(entry)
        if len(self.sources) < 1000 and source not in self.sources[-1:]:
            self.sources.append(source)
        return context(restored_from=source)

    def refuse(self, row: Row, conflict: Conflict, *, written: bool = False) -> None:
        """Leave a row out because of a conflict, or do what was chosen for it.

        Args:
            row: The row.
            conflict: The conflict.
            written: Whether the row is written already.
        """
        choice = self.decisions.decide(conflict)
        if choice in (Choice.RESTORE_PARENT, Choice.BRING_BACK):
            self.bring_back.append(tuple(conflict.details["target"]))
        elif choice == Choice.CLEAR:
            self.decisions.cleared.add((*row.id, conflict.field))
            self.again = True
        elif choice == Choice.OVERWRITE:
            self.again = True
        elif conflict.field and row.operation == "update" and conflict.code == Code.PARENT_MISSING:
            self.decisions.keep(row.id, conflict.id, conflict.field)
            self.again = True
        else:
            self.report.drop(row, conflict.id)
            self.keep(row.model, row.key, conflict.id, written=written)

    def keep(self, model: str, key: str, conflict: str, *, written: bool = False) -> None:
        """Leave a record as it is, in all its tables."""
        self.decisions.keep((model, key), conflict)
        others = [(label, key) for label in part_labels(model_of(model))]
        for other in others:
            written = written or other not in self.decisions.kept
            self.decisions.keep(other, conflict)
        self.again = self.again or written

    def _groups(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        """Rows that are written by one statement: all its entries point back to the same one."""
        if self.exact and self.anchor is None:
            yield from ([row] for row in rows)
            return
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(row.context, []).append(row)
        yield from groups.values()

    def _after(self, operation: str, table: Table, rows: list[Row], effect: str) -> None:
        if not rows:
            return
        self.report.touch(table.label, effect, len(rows))
        if not table.recorded:
            self.report.note(Code.NOT_RECORDED, model=table.label)
        if operation == "delete":
            return
        with connections[self.using].cursor() as cursor:
            self.missing += find_missing(cursor, table, rows)
            left = len(rows) if table.adjusting else VERIFIED - self._verified[table.label, operation]
            if left > 0:
                self._verified[table.label, operation] += len(rows[:left])
                self._verify(cursor, table, rows[:left])
        if self.validate:
            for row in rows:
                self._validate(table, row)

    def _verify(self, cursor: Any, table: Table, rows: list[Row]) -> None:
        """Make sure that what is there now is what the log has: a trigger, or a narrower type, may have changed it."""
        wanted = [
            replace(row, key=row.key_after, operation="update", before=Values(row.wanted()), after=NONE)
            for row in rows
        ]
        for row, found in zip(rows, compare(cursor, table, wanted), strict=True):
            for name in found.other:
                if name not in row.extra:
                    label = field_label(table.model, name)
                    self.report.note(Code.ADJUSTED, model=table.label, field=name, label=label)

    def _validate(self, table: Table, row: Row) -> None:
        record = write.load(self.using, table, row.key_after)
        try:
            if record is not None:
                record.full_clean()
        except ValidationError as error:
            messages = "; ".join(error.messages)
            conflict = Conflict(
                id=conflict_id(Code.VALIDATION, row.model, row.key),
                code=Code.VALIDATION,
                message=text("validation", messages=messages),
                model=row.model,
                object_id=row.key,
                choices=(Choice.KEEP,),
                details={"messages": error.messages},
            )
            self.refuse(row, conflict, written=True)
