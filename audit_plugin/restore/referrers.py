"""What refers to the records of a table, and what becomes of it when they are deleted."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.models import Model, ProtectedError, RestrictedError

from audit_plugin.restore import relations
from audit_plugin.restore.tables import Table, quoted

CASCADE, EMPTY, PROTECT = "cascade", "set_null", "protect"
DATABASE_CASCADE, DATABASE_EMPTY = "database_cascade", "database_set_null"

#: `pg_constraint.confdeltype`
RULES = {"c": DATABASE_CASCADE, "n": DATABASE_EMPTY, "d": DATABASE_EMPTY, "a": PROTECT, "r": PROTECT}

FOREIGN_KEYS = """
    SELECT n.nspname, c.relname, confdeltype::text,
           ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k (n, i)
                   JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i),
           ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS k (n, i)
                   JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY i)
      FROM pg_constraint JOIN pg_class AS c ON c.oid = conrelid JOIN pg_namespace AS n ON n.oid = relnamespace
     WHERE confrelid = %s AND contype = 'f' AND conparentid = 0 ORDER BY 1, 2, conname
"""


@dataclass(frozen=True, eq=False)
class Referrer:
    """A foreign key (or generic relation) to a table.

    Attributes:
        table: The table that refers, None where no model stands for it.
        name: The model's label, else the table's quoted name.
        sql: The quoted name of the table that refers.
        pairs: The columns that refer, quoted, with those referred to.
        rule: What a deletion does to it.
        label: The field that refers.
        value: With the rule `set_null`: the JSON text that the field gets.
        only: A further condition on the row `o`.
        is_link: Whether it is the table of a many-to-many field.
    """

    table: Table | None
    name: str
    sql: str
    pairs: tuple[tuple[str, str], ...]
    rule: str
    label: str = ""
    value: str = "null"
    only: str = "true"
    is_link: bool = False

    def find(self, cursor: Any, parent: Table, keys: Sequence[str]) -> dict[str, list[str]]:
        """Return the keys of the records that refer, by the key of the one they refer to.

        Args:
            cursor: A cursor on the database.
            parent: The table referred to.
            keys: Keys of its records.
        """
        joined = " AND ".join(f"o.{here} = parent.{there}" for here, there in self.pairs)
        key = self.table.key_text() if self.table is not None else "o.ctid::text"
        cursor.execute(
            f"SELECT w.key, {key} FROM unnest(%s::text[]) AS w (key) "
            f"JOIN {parent.sql} AS parent ON {parent.has_key('w.key', 'parent')} "
            f"JOIN {self.sql} AS o ON {joined} AND {self.only} ORDER BY 1, 2",
            [list(keys)],
        )
        found = defaultdict(list)
        for key, referring in cursor.fetchall():
            found[key].append(referring)
        return dict(found)


def find_referrers(using: str, table: Table, find_table: Callable[[str], Table | None]) -> list[Referrer]:
    """Find everything that refers to a table, by the models and by the database.

    Args:
        using: The database alias.
        table: The table referred to.
        find_table: Returns the table of a model's label.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(FOREIGN_KEYS, [table.oid])
        constraints = {
            (f"{quoted(schema)}.{quoted(name)}", tuple(here)): (RULES[rule], tuple(there))
            for schema, name, rule, here, there in cursor.fetchall()
        }
    found = []
    references = [*relations.references_to(table.model), *relations.children_of(table.model)]
    for child, field in references:
        there = find_table(child._meta.label_lower)
        if there is None:
            continue
        constraint = constraints.pop((there.sql, (field.column,)), None)
        rule, value = _rule(field, using)
        if rule is None:
            if constraint is None:
                continue
            rule = constraint[0]
        found.append(
            Referrer(
                table=there,
                name=there.label,
                sql=there.sql,
                pairs=((quoted(field.column), quoted(field.target_field.column)),),
                rule=rule,
                label=field.name,
                value=value,
                is_link=not relations.own_table(child),
            )
        )
    found += _generic(using, table, find_table)
    return found + [
        Referrer(None, sql, sql, tuple(zip(map(quoted, here), map(quoted, there), strict=True)), rule)
        for (sql, here), (rule, there) in constraints.items()
    ]


def _generic(using: str, table: Table, find_table: Callable[[str], Table | None]) -> list[Referrer]:
    found = []
    for child, relation in relations.generic_references_to(table.model):
        there = find_table(child._meta.label_lower)
        if there is None:
            continue
        kind = ContentType.objects.db_manager(using).get_for_model(
            table.model, for_concrete_model=relation.for_concrete_model
        )
        kind_column = there.columns[relation.content_type_field_name]
        column = there.columns[relation.object_id_field_name]
        key = table.key[0]
        found.append(
            Referrer(
                table=there,
                name=there.label,
                sql=there.sql,
                # A generic key is often text, whatever the key it holds.
                pairs=((column.sql, f"{key.sql}::{column.type}"),),
                rule=CASCADE,
                label=relation.object_id_field_name,
                only=f"o.{kind_column.sql} = {int(kind.pk)}",
            )
        )
    return found


class _Probe:
    """Stands in for Django's collector, to see what a field's `on_delete` asks of it."""

    rule: str | None = None
    value: Any = None

    def collect(self, *args: Any, **kwargs: Any) -> None:
        self.rule = CASCADE

    def add_field_update(self, field: Any, value: Any, objs: Any) -> None:
        if self.rule is None:
            self.rule, self.value = EMPTY, value


def _rule(field: Any, using: str) -> tuple[str | None, str]:
    """Return what the model says about a deletion: a rule, and the value that a field is set to.

    None stands for what is left to the database.
    """
    probe = _Probe()
    nobody = field.model.__new__(field.model)
    try:
        field.remote_field.on_delete(probe, field, [nobody], using)
    except (ProtectedError, RestrictedError):
        return PROTECT, "null"
    except TypeError:
        # Rules that Django leaves to the database (since 6.1) can't be called.
        return None, "null"
    value = probe.value.pk if isinstance(probe.value, Model) else probe.value
    return probe.rule, json.dumps(value, default=str)
