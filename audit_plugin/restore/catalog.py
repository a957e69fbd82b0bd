"""What one restore has looked up about tables, so that it is looked up once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections

from audit_plugin.capture.registry import tracked_models
from audit_plugin.capture.schema import log_schema
from audit_plugin.restore.codes import Code
from audit_plugin.restore.errors import RestoreError
from audit_plugin.restore.names import model_of
from audit_plugin.restore.referrers import Referrer, find_referrers
from audit_plugin.restore.tables import Table, read_table


class Catalog:
    """Tables by the labels of their models.

    Args:
        using: The database alias.

    Raises:
        RestoreError: The database has no log.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        schema = log_schema(using)
        if schema is None:
            raise RestoreError(Code.NOT_FOUND)
        self._schema = schema
        self._tables: dict[str, Table | None] = {}
        self._referrers: dict[str, list[Referrer]] = {}
        self._recorded = set(tracked_models())

    def table(self, label: str) -> Table | None:
        """Return a model's table; None where there is no such model or table any more."""
        if label not in self._tables:
            model = model_of(label)
            connection = connections[self.using]
            table = None
            if model is not None:
                table = read_table(connection, self._schema, model, recorded=model in self._recorded)
            self._tables[label] = table
        return self._tables[label]

    def referrers(self, table: Table) -> list[Referrer]:
        """Return what refers to a table."""
        if table.label not in self._referrers:
            self._referrers[table.label] = find_referrers(self.using, table, self.table)
        return self._referrers[table.label]

    def parents_first(self, labels: Iterable[str]) -> list[str]:
        """Return the labels in an order in which what is referred to comes before what refers to it."""
        wanted = sorted(labels)
        ordered: list[str] = []
        visiting: set[str] = set()

        def visit(label: str) -> None:
            if label in visiting:
                return
            visiting.add(label)
            table = self.table(label)
            for column in table.columns.values() if table is not None else ():
                related: Any = getattr(column.field, "related_model", None)
                if related is not None and (target := related._meta.label_lower) in wanted:
                    visit(target)
            ordered.append(label)

        for label in wanted:
            visit(label)
        return ordered
