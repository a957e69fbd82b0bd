"""One pass over the data: everything that is clean is written, everything else becomes a conflict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.models import QuerySet

from audit_plugin.models import Entry
from audit_plugin.restore import violations, write
from audit_plugin.restore.attribution import Attribution
from audit_plugin.restore.cascade import Cascade
from audit_plugin.restore.catalog import Catalog
from audit_plugin.restore.codes import Choice, Code, text
from audit_plugin.restore.compare import compare
from audit_plugin.restore.decisions import Decisions, conflict_id
from audit_plugin.restore.fold import Fold
from audit_plugin.restore.judge import Judge
from audit_plugin.restore.links import by_field, find_through, missing_end
from audit_plugin.restore.links_in_log import find_link
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.records import key_text
from audit_plugin.restore.references import Missing, still_missing
from audit_plugin.restore.report import Report, field_label, read, record_label
from audit_plugin.restore.rows import Link, Row
from audit_plugin.restore.selection import Selection, latest_deletion
from audit_plugin.restore.tables import Table
from audit_plugin.restore.writer import Writer

#: Up to how many records each one points back to its own; beyond, one statement writes many.
EXACT = 100


@dataclass
class Job:
    """What all passes share.

    Attributes:
        using: The database alias.
        log: The entries of the database.
        seen: Those that the person who asks may see.
        selection: Those that are to be undone.
        catalog: The tables.
        decisions: Conflicts and choices.
        validate: Whether records go through the validation of their models.
        progress: Told how many records are done, and of how many.
    """

    using: str
    log: QuerySet[Entry]
    seen: QuerySet[Entry]
    selection: Selection
    catalog: Catalog
    decisions: Decisions
    validate: bool
    progress: Callable[[int, int], None] | None = None


class Pass:
    """One pass.

    Args:
        job: What is to be done.

    Attributes:
        report: What was done.
        writer: Knows what has to be done before the next pass.
    """

    def __init__(self, job: Job) -> None:
        self.report = Report()
        self._job = job
        self._fold = Fold(job.log, job.selection)
        self._counts = self._fold.counts()
        self.writer = Writer(
            using=job.using,
            decisions=job.decisions,
            report=self.report,
            anchor=job.selection.anchor,
            exact=sum(self._counts.values()) <= EXACT,
            validate=job.validate,
            steps=self._fold.steps,
        )
        attribution = Attribution(job.log, job.selection)
        self._judge = Judge(job.using, job.decisions, self.report, attribution)
        self._cascade = Cascade(job.using, job.catalog, job.decisions, self.writer)
        self._usable: dict[str, Table] = {}

    def go(self) -> None:
        """Write everything that is clean."""
        for note in self._job.selection.notes:
            self.report.add_note(note)
        self._lock()
        self._links(came=True)
        done, total = 0, sum(self._counts.values())
        for chunk in self._fold.rows():
            self._rows(chunk)
            done += len(chunk)
            if self._job.progress is not None:
                self._job.progress(done, total)
        self.writer.retry()
        self._links(came=False)
        self._check_references()
        for model, name in self._fold.link_fields_of_records():
            link = find_link(model, name)
            through = link.remote_field.through._meta if link is not None else None
            # Where the links' own records are undone too, they don't stay as they are.
            if through is not None and through.label_lower not in self._counts:
                self.report.note(Code.SEPARATE, model=model, field=name, label=link.verbose_name)

    def _lock(self) -> None:
        """Lock the records in an order that is the same for everybody, so that two restores never wait for each other."""
        for label in sorted(self._counts):
            table = self._job.catalog.table(label)
            if table is None:
                self._unusable(label, text("schema_model", model=label))
                continue
            keys, params = self._fold.keys(label)
            key = table.has_key("wanted.key")
            order = ", ".join(f"o.{column.sql}" for column in table.key)
            try:
                with transaction.atomic(self._job.using), connections[self._job.using].cursor() as cursor:
                    cursor.execute(
                        f"SELECT count(*) FROM (SELECT FROM {table.sql} AS o WHERE EXISTS "
                        f"(SELECT FROM ({keys}) AS wanted (key) WHERE {key}) ORDER BY {order} FOR UPDATE) AS locked",
                        params,
                    )
            except DatabaseError as error:
                if not write.sqlstate(error).startswith("22"):
                    raise
                self._unusable(label, text("schema_key", model=label))
            else:
                self._usable[label] = table

    def _unusable(self, label: str, message: Any) -> None:
        self._job.decisions.decide(
            Conflict(
                id=conflict_id(Code.SCHEMA_CHANGED, label),
                code=Code.SCHEMA_CHANGED,
                message=message,
                model=label,
                choices=(Choice.KEEP,),
            )
        )

    def _rows(self, chunk: list[Row]) -> None:
        """Compare and write one chunk: updates, then deletes, children first, then inserts, parents first."""
        grouped: dict[str, list[Row]] = {}
        for row in chunk:
            if row.model in self._usable:
                grouped.setdefault(row.model, []).append(row)
        judged: dict[str, list[Row]] = {}
        with connections[self._job.using].cursor() as cursor:
            for label, rows in grouped.items():
                table = self._usable[label]
                judged[label] = self._judge.judge(table, compare(cursor, table, rows))
        self.writer.bring_back += [row.id for row in self._judge.bring_back]
        self._judge.bring_back = []
        self._keep_whole_records()
        order = self._job.catalog.parents_first(judged)
        doomed = {row.id for rows in judged.values() for row in rows if row.operation == "delete"}
        for label in order:
            self.writer.write("update", self._usable[label], _doing("update", judged[label]))
        for label in reversed(order):
            if deletions := _doing("delete", judged[label]):
                self._cascade.delete(self._usable[label], deletions, doomed)
        for label in order:
            self.writer.write("insert", self._usable[label], _doing("insert", judged[label]))

    def _keep_whole_records(self) -> None:
        """What keeps one table of a record as it is keeps its other tables too."""
        for row, conflict in self._judge.refused:
            self.writer.keep(row.model, row.key, conflict)
        self._judge.refused = []

    def _links(self, *, came: bool) -> None:
        for chunk in self._fold.links(came=came):
            for label, name, links in by_field(chunk):
                self._links_of(label, name, links, came)

    def _links_of(self, label: str, name: str, links: list[Link], came: bool) -> None:
        through = find_through(self._job.catalog, label, name)
        if through is None:
            self.report.note(Code.SCHEMA_CHANGED, "schema_field", model=label, field=name)
            return
        with connections[self._job.using].cursor() as cursor:
            there = through.find(cursor, links)
        self.report.seen(
            label, name, came, [(link.key, link.target, there[at]) for at, link in enumerate(links)]
        )
        writable = []
        for position, link in enumerate(links):
            linked, has_owner, has_target = there[position]
            if linked != came:
                continue
            if not came and not (has_owner and has_target):
                missing = (
                    (label, link.key)
                    if not has_owner
                    else (through.target.label, key_text(read(link.target)))
                )
                gone = latest_deletion(self._job.seen, *missing)
                target = record_label(
                    through.target.model, missing[0], missing[1], gone.object_repr if gone else ""
                )
                conflict = missing_end(
                    through, link, owner=not has_owner, name=target, restorable=gone is not None
                )
                if self._job.decisions.decide(conflict) == Choice.RESTORE_PARENT:
                    self.writer.bring_back.append(missing)
                self.report.links([link], added=True, conflict=conflict.id)
            elif (label, link.key) not in self._job.decisions.kept:
                writable.append(link)
        for group in self._link_groups(writable):
            with self.writer.source(group[0].source), connections[self._job.using].cursor() as cursor:
                (through.remove if came else through.add)(cursor, group)
            self.report.links(group, added=not came)
            self.report.touch(label, "links", len(group))

    def _link_groups(self, links: list[Link]) -> list[list[Link]]:
        groups: dict[Any, list[Link]] = {}
        for link in links:
            groups.setdefault(link.source if self.writer.exact else link.context, []).append(link)
        return list(groups.values())

    def _check_references(self) -> None:
        with connections[self._job.using].cursor() as cursor:
            missing = still_missing(cursor, self.writer.missing)
        for one in missing:
            self._missing(one)

    def _missing(self, one: Missing) -> None:
        column = one.reference.columns[0]
        related = getattr(one.reference.field, "related_model", None)
        target = (related._meta.label_lower, one.key) if related is not None else None
        gone = latest_deletion(self._job.seen, *target) if target else None
        name = record_label(related, one.reference.target, one.key, gone.object_repr if gone else "")
        if not one.reference.constraint:
            label = field_label(one.table.model, column.label)
            self.report.note(
                Code.DANGLING, model=one.table.label, field=column.label, label=label, target=name
            )
            return
        conflict = violations.missing_parent(
            one.table, one.row, one.reference, target, name, restorable=gone is not None
        )
        self.writer.refuse(one.row, conflict, written=True)


def _doing(operation: str, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.operation == operation]
