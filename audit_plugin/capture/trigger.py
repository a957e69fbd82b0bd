"""The capture triggers: pghistory's event trigger with our own function, which writes entries to the one log.

What is kept from pghistory and pgtrigger is how a trigger is described: operations, levels, conditions, names of transition
tables. What is not kept is pgtrigger's template, whose `pgtrigger.ignore` would let any session switch the capture off.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pghistory
import pghistory.trigger
import pgtrigger
from django.apps import apps

from audit_plugin.capture.columns import literal, quote
from audit_plugin.capture.spec import LinkSpec, Spec

#: Without these, the text of a value would follow the session that happens to write it.
PINNED = (
    "search_path = pg_catalog, pg_temp",
    "\"TimeZone\" = 'UTC'",
    "\"DateStyle\" = 'ISO, YMD'",
    "\"IntervalStyle\" = 'iso_8601'",
    "extra_float_digits = 1",
    "bytea_output = 'hex'",
)

#: What a statement in EXECUTE takes as $1, $2 …, see `sql/statement_parts_v1.sql`.
PARAMETERS = (
    "event.context_id, event.actor_id, event.tenant, event.restored_from, event.occurred_at, event.prefix"
)

PREFIXES = ("audit_insert_", "audit_update_", "audit_delete_", "audit_truncate_", "audit_links_")


class CaptureTrigger(pghistory.trigger.Event):
    """One operation on one recorded table.

    Args:
        spec: What is recorded.
        operation: Insert, update, delete or truncate.
        tracker: The pghistory tracker that may narrow it down.
    """

    def __init__(
        self, spec: Spec, operation: pgtrigger.Operation, tracker: pghistory.RowEvent | None = None
    ) -> None:
        self.spec = spec
        truncate = operation == pgtrigger.Truncate
        # Row triggers of a partitioned table fire for a write to a partition by its name, also a new one; others don't.
        rows = spec.table.kind == "p" and not truncate
        super().__init__(  # type: ignore[no-untyped-call]
            name=str(operation).lower(),
            label=str(operation).lower(),
            event_model=apps.get_model("audit_plugin", "Entry"),
            operation=operation,
            condition=None if tracker is None or _any_change(tracker.condition) else tracker.condition,
            when=pgtrigger.Before if truncate else pgtrigger.After,
            row="OLD" if operation == pgtrigger.Delete else "NEW",
            level=pgtrigger.Row if rows else pgtrigger.Statement,
        )

    @property
    def pgid(self) -> str:
        """The name of the trigger and of its function; outside pgtrigger's prefix, whose prune would drop it."""
        # By the model, not the table, so that a renamed table keeps its triggers.
        names = [str(self.spec.content[name]) for name in ("label", "field") if name in self.spec.content]
        digest = hashlib.sha256("\0".join(names).encode()).hexdigest()[:8]
        slug = re.sub(r"[^a-z0-9]+", "_", "_".join(names).lower())[:32]
        kind = "audit_links" if isinstance(self.spec, LinkSpec) else "audit"
        return f"{kind}_{self.name}_{slug}_{digest}"

    @property
    def tables(self) -> tuple[str, ...]:
        """The quoted tables that need the trigger. TRUNCATE fires the triggers of the table that it names only."""
        own = (self.spec.table.sql,)
        return own + self.spec.table.leaves if self.operation == pgtrigger.Truncate else own

    @property
    def carriers(self) -> tuple[str, ...]:
        """The tables that must have the trigger: `tables`, and the partitions that PostgreSQL hands a row trigger down to."""
        return (self.spec.table.sql, *self.spec.table.leaves)

    def function_sql(self, cursor: Any, schema: str) -> str:
        """Return the statements that create or replace the trigger's function.

        Args:
            cursor: A cursor on the recorded database.
            schema: The quoted schema of the log.
        """
        name = f"{schema}.{quote(self.pgid)}()"
        return (
            f"{replace_function(schema, self.pgid, self.source(cursor, schema))};\n"
            # It writes as the owner of the log: on a table of one's own it would write whatever one wants.
            f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;\n"
            f"COMMENT ON FUNCTION {name} IS {literal(json.dumps(self.description))}"
        )

    @property
    def description(self) -> dict[str, Any]:
        """What `generic_source` needs. Kept as the function's comment, since migrations run under newer models."""
        # A condition may name a column that a migration is about to drop: until it is over, more is recorded rather than less.
        content = {**self.spec.content, "condition": None}
        form = "row" if self.level == pgtrigger.Row else "many"
        form = "table" if self.operation == pgtrigger.Truncate else form
        return {"builder": self.spec.builder, "content": content, "letter": self._letter, "form": form}

    def source(self, cursor: Any, schema: str) -> str:
        """Return the body of the trigger's function, as `pg_proc.prosrc` holds it.

        Args:
            cursor: A cursor on the recorded database, which builds the statements in it.
            schema: The quoted schema of the log.
        """
        if self.operation == pgtrigger.Truncate:
            return _body(schema, self._truncate(schema))
        if self.level == pgtrigger.Row:
            return _body(schema, self._statement(cursor, schema, "row") + ";")
        one = self._statement(cursor, schema, "one") + ";"
        if self.operation != pgtrigger.Update or isinstance(self.spec, LinkSpec):
            return _body(schema, one)
        # Planned afresh for many: the plan cached for one row would join them by nested loops.
        many = literal(self._statement(cursor, schema, "many", executed=True))
        return _body(
            schema,
            f"PERFORM FROM new_values OFFSET 1;\n    IF FOUND THEN\n        EXECUTE {many} USING {PARAMETERS};\n"
            f"    ELSE\n        {one}\n    END IF;",
        )

    def trigger_sql(self, schema: str, table: str) -> str:
        """Return the statement that creates or replaces the trigger.

        Args:
            schema: The quoted schema of the log.
            table: The quoted table: the recorded one, or a partition of it.
        """
        return (
            f"CREATE OR REPLACE TRIGGER {quote(self.pgid)} {self.when} {self.operation} ON {table} "
            f"{self.referencing or ''} FOR EACH {self.level} EXECUTE FUNCTION {schema}.{quote(self.pgid)}()"
        )

    @property
    def _letter(self) -> str:
        return "D" if self.operation == pgtrigger.Truncate else str(self.operation)[0]

    def _statement(self, cursor: Any, schema: str, form: str, *, executed: bool = False) -> str:
        """Have the database build the statement that writes the entries (`sql/statement_v1.sql`)."""
        content = json.dumps({**self.spec.content, "condition": self.condition_sql})
        cursor.execute(
            f"SELECT {schema}.{self.spec.builder}(%s::oid::regclass, %s::jsonb, %s, %s, %s)",
            [self.spec.table.oid, content, self._letter, form, executed],
        )
        return str(cursor.fetchone()[0])

    @property
    def condition_sql(self) -> str | None:
        """The condition of the tracker on the rows `o` and `n`."""
        # pgtrigger says `Model` where it means the class.
        condition = pgtrigger.Trigger.render_condition(self, self.spec.model).removeprefix("WHEN ")  # type: ignore[arg-type]
        for row, alias in (("OLD", "o"), ("NEW", "n")):
            condition = re.sub(rf"\b{row}\.", f"{alias}.", condition)
        return condition or None

    def _truncate(self, schema: str) -> str:
        # TRUNCATE of a partitioned table fires the triggers of its partitions too, so it answers for those only that have none.
        rows = (
            "format('(SELECT * FROM %s AS r WHERE r.tableoid = %s OR NOT EXISTS (SELECT FROM pg_trigger"
            " WHERE tgrelid = r.tableoid AND tgname = %L))', TG_RELID::regclass, TG_RELID, TG_NAME)"
        )
        write = _execute(
            schema,
            self.description,
            relation="coalesce(pg_partition_root(TG_RELID), TG_RELID)",
            extra=f" || jsonb_build_object('from', {rows})",
        )
        if isinstance(self.spec, LinkSpec):
            return write
        label = literal(self.spec.content["label"])
        return f"""{write if self.spec.options.truncate_rows else ""}
    EXECUTE format('SELECT count(*) FROM %s AS o', {rows}) INTO written;
    INSERT INTO {schema}.audit_plugin_entry (
        id, context_id, restored_from, occurred_at, seq, operation, action, channel, model, object_id, object_repr,
        actor_id, tenant, details)
    SELECT {schema}.audit_plugin_entry_id_v1(event.prefix, e.seq), event.context_id, event.restored_from, event.occurred_at,
           e.seq, 'T', 'truncate', 'data', {label}, '', '', event.actor_id, event.tenant, jsonb_build_object('rows', written)
      FROM (SELECT nextval('{schema.replace("'", "''")}.audit_plugin_entry_seq') AS seq) AS e
     WHERE written > 0 OR pg_partition_root(TG_RELID) IS NULL;"""


def triggers(spec: Spec) -> Iterator[CaptureTrigger]:
    """Yield the triggers of one table.

    Args:
        spec: What is recorded.
    """
    for operation in (pgtrigger.Insert, pgtrigger.Update, pgtrigger.Delete):
        if isinstance(spec, LinkSpec):
            yield CaptureTrigger(spec, operation)
        elif (tracker := spec.options.tracker(operation)) is not None:
            yield CaptureTrigger(spec, operation, tracker)
    if isinstance(spec, LinkSpec) or spec.options.tracker(pgtrigger.Delete) is not None:
        yield CaptureTrigger(spec, pgtrigger.Truncate)


def generic_source(schema: str, description: Mapping[str, Any], secrets: Sequence[str] = ()) -> str:
    """Return a function's body that reads the columns when it runs: slower, but right in the middle of migrations.

    Args:
        schema: The quoted schema of the log.
        description: A trigger's `description`.
        secrets: Names of columns to come that hold secrets.
    """
    content = dict(description["content"])
    if secrets and "pattern" in content:
        content["pattern"] = "|".join([content["pattern"], *(f"^{re.escape(name)}$" for name in secrets)])
    return _body(schema, _execute(schema, {**description, "content": content}))


def replace_function(schema: str, name: str, source: str) -> str:
    """Return the statement that creates or replaces a trigger function.

    Args:
        schema: The quoted schema of the log.
        name: The function's name.
        source: Its body.
    """
    pinned = "\n    SET ".join(PINNED)
    return f"""CREATE OR REPLACE FUNCTION {schema}.{quote(name)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
    SET {pinned}
AS $audit${source}$audit$"""


def _body(schema: str, statements: str) -> str:
    return f"""
DECLARE
    event record;
    written bigint;
BEGIN
    event := {schema}.audit_plugin_event_v1();
    {statements}
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written > 0 AND NOT EXISTS (SELECT FROM {schema}.audit_plugin_context WHERE id = event.context_id) THEN
        PERFORM {schema}.audit_plugin_context_v1(event.context_id, event.header);
    END IF;
    RETURN NULL;
END
"""


def _execute(schema: str, description: Mapping[str, Any], relation: str = "TG_RELID", extra: str = "") -> str:
    """Return the code that builds a statement and executes it when the trigger runs."""
    content = literal(json.dumps(description["content"]))
    form = description["form"]
    rows = ", OLD, NEW" if form == "row" else ""
    call = f"{schema}.{description['builder']}({relation}, {content}::jsonb{extra}, '{description['letter']}', '{form}', true)"
    return f"EXECUTE {call} USING {PARAMETERS}{rows};"


def _any_change(condition: object) -> bool:
    """Whether a condition asks for no more than what every update trigger asks for anyway."""
    plain = type(condition) is pgtrigger.AnyChange and not condition.fields
    return plain and not condition.exclude and not condition.exclude_auto  # type: ignore[attr-defined]
