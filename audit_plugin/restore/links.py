"""Many-to-many links: those that came go, those that went come back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from audit_plugin.restore.catalog import Catalog
from audit_plugin.restore.codes import Choice, Code, text
from audit_plugin.restore.decisions import conflict_id
from audit_plugin.restore.links_in_log import find_link
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.records import key_text
from audit_plugin.restore.report import field_label, record_label
from audit_plugin.restore.rows import Link
from audit_plugin.restore.tables import Column, Table


@dataclass(frozen=True, eq=False)
class Through:
    """The table of a many-to-many field.

    Attributes:
        field: The field.
        table: Its table.
        owner: The table of the model that has the field.
        target: The table of the model it points to.
        source_column: The column that holds the owner's key.
        target_column: The column that holds the linked record's key.
        owner_key: The owner's column that it refers to.
        target_key: The linked record's column that it refers to.
    """

    field: Any
    table: Table
    owner: Table
    target: Table
    source_column: Column
    target_column: Column
    owner_key: str
    target_key: str

    @property
    def pairs(self) -> str:
        """A FROM item `w` of the links given as two parameters: keys of owners, and linked keys as JSON."""
        return (
            f"(SELECT n, source::{self.source_column.type} AS source, (target #>> '{{}}')::{self.target_column.type} AS target "
            f"FROM unnest(%s::text[], %s::jsonb[]) WITH ORDINALITY AS given (source, target, n)) AS w"
        )

    def find(self, cursor: Any, links: Sequence[Link]) -> dict[int, tuple[bool, bool, bool]]:
        """Return of each link, by its position, whether it, its owner and its target are there."""
        cursor.execute(
            f"SELECT w.n - 1, EXISTS (SELECT FROM {self.table.sql} AS o WHERE o.{self.source_column.sql} = w.source "
            f"AND o.{self.target_column.sql} = w.target), "
            f"EXISTS (SELECT FROM {self.owner.sql} AS o WHERE o.{self.owner_key} = w.source), "
            f"EXISTS (SELECT FROM {self.target.sql} AS o WHERE o.{self.target_key} = w.target) FROM {self.pairs}",
            _params(links),
        )
        return {position: tuple(there) for position, *there in cursor.fetchall()}

    def remove(self, cursor: Any, links: Sequence[Link]) -> None:
        """Delete links."""
        cursor.execute(
            f"DELETE FROM {self.table.sql} AS o USING {self.pairs} "
            f"WHERE o.{self.source_column.sql} = w.source AND o.{self.target_column.sql} = w.target",
            _params(links),
        )

    def add(self, cursor: Any, links: Sequence[Link]) -> None:
        """Make links."""
        cursor.execute(
            f"INSERT INTO {self.table.sql} ({self.source_column.sql}, {self.target_column.sql}) "
            f"SELECT w.source, w.target FROM {self.pairs} ORDER BY w.n",
            _params(links),
        )


def _params(links: Sequence[Link]) -> list[list[str]]:
    return [[link.key for link in links], [link.target for link in links]]


def find_through(catalog: Catalog, label: str, name: str) -> Through | None:
    """Return the table of a many-to-many field, None where there is none any more.

    Args:
        catalog: The tables.
        label: The model's label.
        name: The field's name in the log.
    """
    field = find_link(label, name)
    if field is None:
        return None
    through = field.remote_field.through
    table, owner = catalog.table(through._meta.label_lower), catalog.table(label)
    source = through._meta.get_field(field.m2m_field_name())
    target = through._meta.get_field(field.m2m_reverse_field_name())
    there = catalog.table(target.target_field.model._meta.label_lower)
    if table is None or owner is None or there is None:
        return None
    return Through(
        field=field,
        table=table,
        owner=owner,
        target=there,
        source_column=table.columns[source.name],
        target_column=table.columns[target.name],
        owner_key=_column(owner, source.target_field),
        target_key=_column(there, target.target_field),
    )


def _column(table: Table, field: Any) -> str:
    return next(column.sql for column in table.columns.values() if column.name == field.column)


def by_field(links: Sequence[Link]) -> Iterator[tuple[str, str, list[Link]]]:
    """Yield models and fields with their links."""
    grouped = defaultdict(list)
    for link in links:
        grouped[link.model, link.field].append(link)
    for (model, field), group in grouped.items():
        yield model, field, group


def missing_end(through: Through, link: Link, *, owner: bool, name: str, restorable: bool) -> Conflict:
    """Return the conflict of a link that can't come back because one of its ends is gone.

    Args:
        through: The links' table.
        link: The link.
        owner: Whether it is the record that has the field.
        name: The missing record's name.
        restorable: Whether the log knows of its deletion.
    """
    label = field_label(through.owner.model, through.field.name)
    target = key_text(json.loads(link.target))
    if owner:
        record = record_label(through.owner.model, link.model, link.key, link.object_repr)
        message = text("gone_owner", record=record, field=label)
        missing = (through.owner.label, link.key)
    else:
        message = text("parent_missing", field=label, target=name)
        missing = (through.target.label, target)
    return Conflict(
        id=conflict_id(Code.GONE if owner else Code.PARENT_MISSING, link.model, link.key, link.field, target),
        code=Code.GONE if owner else Code.PARENT_MISSING,
        message=message,
        model=link.model,
        object_id=link.key,
        field=link.field,
        choices=(*((Choice.RESTORE_PARENT,) if restorable else ()), Choice.KEEP),
        details={"target": missing},
    )
