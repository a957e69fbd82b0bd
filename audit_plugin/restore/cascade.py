"""Deleting what was created: what refers to it goes along, is emptied, or stands in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connections

from audit_plugin.restore import referrers as rules
from audit_plugin.restore.catalog import Catalog
from audit_plugin.restore.codes import Choice, Code, text
from audit_plugin.restore.decisions import Decisions, RecordId, conflict_id
from audit_plugin.restore.names import model_of
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.referrers import Referrer
from audit_plugin.restore.report import record_label
from audit_plugin.restore.rows import NONE, Row
from audit_plugin.restore.tables import Table
from audit_plugin.restore.writer import Writer

#: How many keys of referring records a conflict names, of each kind.
NAMED = 10


@dataclass
class Consequences:
    """What follows from deleting one record.

    Attributes:
        protecting: Keys of records that forbid it, by model.
        cascading: Keys of records that would be deleted too, by model.
        actions: What has to be done first: the foreign key, a key of a record that refers, the depth.
    """

    protecting: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    cascading: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    actions: list[tuple[int, Referrer, str]] = field(default_factory=list)


class Cascade:
    """Deletes rows with what depends on them.

    Args:
        using: The database alias.
        catalog: The tables.
        decisions: The choices made.
        writer: Writes.
    """

    def __init__(self, using: str, catalog: Catalog, decisions: Decisions, writer: Writer) -> None:
        self._using = using
        self._catalog = catalog
        self._decisions = decisions
        self._writer = writer

    def delete(self, table: Table, rows: Sequence[Row], doomed: set[RecordId]) -> None:
        """Delete rows, except for those that something stands in the way of.

        Args:
            table: Their table.
            rows: The rows.
            doomed: Records that are deleted in any case.
        """
        found = self._consequences(table, rows, doomed)
        ready = []
        before: dict[tuple[int, Referrer], list[Row]] = defaultdict(list)
        for row in rows:
            consequences = found.get(row.key)
            if consequences is not None:
                if not self._is_allowed(table, row, consequences):
                    continue
                for depth, referrer, key in consequences.actions:
                    before[depth, referrer].append(_referring(referrer, key, row))
            ready.append(row)
        for (_, referrer), referring in sorted(before.items(), key=lambda item: -item[0][0]):
            self._act(referrer, referring)
        self._writer.write("delete", table, ready)

    def _consequences(
        self, table: Table, rows: Sequence[Row], doomed: set[RecordId]
    ) -> dict[str, Consequences]:
        """Follow the references level by level, for all rows together."""
        found: dict[str, Consequences] = defaultdict(Consequences)
        seen = set(doomed)
        # Of each record of a level, which of the rows it depends on.
        level = {table.label: {row.key: row.key for row in rows}}
        depth = 0
        with connections[self._using].cursor() as cursor:
            while level:
                depth += 1
                below: dict[str, dict[str, str]] = defaultdict(dict)
                for label, roots in level.items():
                    parent = self._catalog.table(label)
                    if parent is None:
                        continue
                    for referrer in self._catalog.referrers(parent):
                        for key, referring in referrer.find(cursor, parent, list(roots)).items():
                            new = [one for one in referring if (referrer.name, one) not in seen]
                            self._note(found[roots[key]], referrer, depth, new)
                            if referrer.rule in (rules.CASCADE, rules.DATABASE_CASCADE):
                                seen |= {(referrer.name, one) for one in new}
                                if referrer.table is not None and not referrer.is_link:
                                    below[referrer.name] |= dict.fromkeys(new, roots[key])
                level = below
        return found

    @staticmethod
    def _note(consequences: Consequences, referrer: Referrer, depth: int, keys: list[str]) -> None:
        if not keys:
            return
        if referrer.rule == rules.PROTECT:
            consequences.protecting[referrer.name] += keys
            return
        if referrer.rule in (rules.CASCADE, rules.DATABASE_CASCADE) and not referrer.is_link:
            consequences.cascading[referrer.name] += keys
        consequences.actions += [(depth, referrer, key) for key in keys]

    def _is_allowed(self, table: Table, row: Row, consequences: Consequences) -> bool:
        record = record_label(table.model, row.model, row.key, row.object_repr)
        if consequences.protecting:
            self._writer.refuse(row, _conflict(Code.PROTECTED, row, record, consequences.protecting))
            return False
        if consequences.cascading:
            conflict = _conflict(Code.REFERENCED, row, record, consequences.cascading)
            if self._decisions.chosen(conflict.id) != Choice.CASCADE:
                self._writer.refuse(row, conflict)
                return False
            self._decisions.decide(conflict)
        return True

    def _act(self, referrer: Referrer, rows: list[Row]) -> None:
        """Do what the models' rules say; what the database does by itself is only counted."""
        by_itself = referrer.rule in (rules.DATABASE_CASCADE, rules.DATABASE_EMPTY)
        if by_itself or referrer.table is None:
            self._writer.report.touch(referrer.name, referrer.rule, len(rows))
        elif referrer.rule == rules.EMPTY:
            self._writer.write("update", referrer.table, rows, effect=rules.EMPTY)
        else:
            effect = "links" if referrer.is_link else rules.CASCADE
            self._writer.write("delete", referrer.table, rows, effect=effect)


def _referring(referrer: Referrer, key: str, root: Row) -> Row:
    """The row of a record that refers to one that is deleted."""
    emptied = referrer.rule == rules.EMPTY
    return Row(
        model=referrer.name,
        key=key,
        object_repr="",
        operation="update" if emptied else "delete",
        oldest=root.oldest,
        source=root.source,
        context=root.context,
        before=NONE,
        after=NONE,
        broken=[],
        masked=[],
        erased={},
        fields=[referrer.label] if emptied else [],
        extra={referrer.label: referrer.value} if emptied else {},
    )


def _conflict(code: Code, row: Row, record: str, referring: dict[str, list[str]]) -> Conflict:
    named = []
    for label, keys in sorted(referring.items()):
        model = model_of(label)
        kind = label if model is None else model._meta.verbose_name_plural
        named.append(f"{len(keys)} {kind}")
    return Conflict(
        id=conflict_id(code, row.model, row.key),
        code=code,
        message=text(code.value, record=record, referrers=", ".join(named)),
        model=row.model,
        object_id=row.key,
        choices=(Choice.CASCADE, Choice.KEEP) if code == Code.REFERENCED else (Choice.KEEP,),
        details={
            "referrers": {
                label: {"count": len(keys), "keys": keys[:NAMED]} for label, keys in referring.items()
            }
        },
    )
