"""From an error of the database to a conflict that a person understands: which rule, which field, which other record."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.models import BaseConstraint

from audit_plugin.restore.codes import Choice, Code, text
from audit_plugin.restore.decisions import conflict_id
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.report import field_label, record_label
from audit_plugin.restore.rows import Row, json_object
from audit_plugin.restore.tables import Reference, Table
from audit_plugin.restore.write import sqlstate

#: What may go away once other rows are written: unique values, foreign keys, exclusions, restricted deletes.
ORDERED = ("23505", "23503", "23P01", "23001")

INDEX = """
    SELECT indisprimary, pg_get_expr(indpred, indrelid),
           ARRAY(SELECT pg_get_indexdef(indexrelid, k, true) FROM generate_series(1, indnkeyatts) AS k)
      FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = %s AND relname = %s
"""


def explain(using: str, table: Table, row: Row, error: DatabaseError) -> Conflict:
    """Return the conflict behind an error that one row met with.

    Args:
        using: The database alias.
        table: The row's table.
        row: The row.
        error: The error.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None) or ""
    match sqlstate(error):
        case "23505" | "23P01":
            return _taken(using, table, row, constraint)
        case "23502":
            return _empty(table, row, getattr(diagnosis, "column_name", None) or "")
        case "23514":
            rule = rule_text(table, constraint)
            return _conflict(
                Code.CHECK_FAILED, row, constraint, text("check_failed", rule=rule), constraint=constraint
            )
        case "23503" | "23001":
            reference = next((one for one in table.references if one.constraint == constraint), None)
            if reference is None:
                message = text("deferred", reason=_reason(error))
                return _conflict(Code.PROTECTED, row, constraint, message, constraint=constraint)
            return missing_parent(table, row, reference, None, "")
        case "42501":
            message = text("no_permission", permission=_reason(error))
            return _conflict(Code.NO_PERMISSION, row, "", message)
        case state if state.startswith("22"):
            return _unreadable(using, table, row, error)
    return _conflict(Code.REFUSED, row, "", text("refused", reason=_reason(error)))


def missing_parent(
    table: Table,
    row: Row,
    reference: Reference,
    target: tuple[str, str] | None,
    name: str,
    *,
    restorable: bool = False,
) -> Conflict:
    """Return the conflict of a reference to something that isn't there.

    Args:
        table: The table of the row that refers.
        row: That row.
        reference: The foreign key.
        target: The model's label and the key of what is missing, as far as it is known.
        name: Its name for people.
        restorable: Whether the log knows of its deletion.
    """
    column = reference.columns[0]
    choices = [Choice.KEEP]
    if all(not column.required for column in reference.columns):
        choices.insert(0, Choice.CLEAR)
    if restorable:
        choices.insert(0, Choice.RESTORE_PARENT)
    return Conflict(
        id=conflict_id(Code.PARENT_MISSING, row.model, row.key, column.label),
        code=Code.PARENT_MISSING,
        message=text("parent_missing", field=field_label(table.model, column.label), target=name or "?"),
        model=row.model,
        object_id=row.key,
        field=column.label,
        choices=tuple(choices),
        details={"target": target} if target else {},
    )


def rule_text(table: Table, constraint: str) -> Any:
    """Return what a constraint demands: the message that the model gives it, else its name."""
    for rule in table.model._meta.constraints:
        if rule.name == constraint and rule.violation_error_message not in (
            None,
            BaseConstraint.default_violation_error_message,
        ):
            return rule.violation_error_message
    return constraint


def _conflict(code: Code, row: Row, field: str, message: Any, **details: Any) -> Conflict:
    return Conflict(
        id=conflict_id(code, row.model, row.key, field),
        code=code,
        message=message,
        model=row.model,
        object_id=row.key,
        choices=(Choice.KEEP,),
        details=details,
    )


def _taken(using: str, table: Table, row: Row, constraint: str) -> Conflict:
    with connections[using].cursor() as cursor:
        cursor.execute(INDEX, [table.oid, constraint])
        found = cursor.fetchone()
        holder = None
        if found is not None:
            primary, predicate, expressions = found
            if primary:
                return key_exists(table, row)
            holder = _holder(cursor, table, row, predicate, expressions)
    rule = rule_text(table, constraint)
    details = {"constraint": constraint, **({"holder": holder} if holder else {})}
    if holder is None:
        return _conflict(
            Code.DUPLICATE, row, constraint, text("duplicate_unknown", constraint=rule), **details
        )
    name = record_label(table.model, table.label, holder)
    return _conflict(
        Code.DUPLICATE, row, constraint, text("duplicate", holder=name, constraint=rule), **details
    )


def key_exists(table: Table, row: Row) -> Conflict:
    """Return the conflict of a record that is there although the entries deleted it."""
    name = record_label(table.model, row.model, row.key, row.object_repr)
    return Conflict(
        id=conflict_id(Code.KEY_EXISTS, row.model, row.key),
        code=Code.KEY_EXISTS,
        message=text("key_exists", record=name),
        model=row.model,
        object_id=row.key,
        choices=(Choice.OVERWRITE, Choice.KEEP),
    )


def _holder(cursor: Any, table: Table, row: Row, predicate: str | None, expressions: list[str]) -> str | None:
    """Return the key of the record that holds the values a unique index was asked for."""
    by_column = {
        table.columns[name].name: row.extra.get(name) or row.before[name]
        for name in row.fields
        if name in table.columns
    }
    base = (
        f"(SELECT o FROM {table.sql} AS o WHERE {table.has_key('%s')})"
        if row.operation == "update"
        else "NULL"
    )
    same = " AND ".join(
        f"({escaped}) = (SELECT ({escaped}) FROM candidate)"
        for expression in expressions
        if (escaped := expression.replace("%", "%%"))
    )
    where = f"({predicate.replace('%', '%%')}) AND {same}" if predicate else same
    times = base.count("%s")
    cursor.execute(
        f"WITH candidate AS (SELECT * FROM jsonb_populate_record({base}::{table.sql}, %s::jsonb)) "
        f"SELECT {table.key_text()} FROM {table.sql} AS o WHERE {where} LIMIT 1",
        [*[row.key] * times, json_object(by_column)],
    )
    found = cursor.fetchone()
    return found[0] if found else None


def _empty(table: Table, row: Row, column_name: str) -> Conflict:
    column = next((column for column in table.columns.values() if column.name == column_name), None)
    label = column.label if column else column_name
    key = "not_null" if row.operation == "update" or label in row.before else "not_null_new"
    return Conflict(
        id=conflict_id(Code.NOT_NULL, row.model, row.key, label),
        code=Code.NOT_NULL,
        message=text(key, field=field_label(table.model, label)),
        model=row.model,
        object_id=row.key,
        field=label,
        choices=(Choice.KEEP,),
    )


def _unreadable(using: str, table: Table, row: Row, error: DatabaseError) -> Conflict:
    """A value that its column can't hold any more; the error doesn't name the column, so each is tried."""
    culprit = next((name for name in row.fields if not _is_readable(using, table, row, name)), "")
    return Conflict(
        id=conflict_id(Code.SCHEMA_CHANGED, row.model, row.key, culprit),
        code=Code.SCHEMA_CHANGED,
        message=text("schema_type", field=field_label(table.model, culprit), reason=_reason(error)),
        model=row.model,
        object_id=row.key,
        field=culprit,
        choices=(Choice.KEEP,),
    )


def _is_readable(using: str, table: Table, row: Row, name: str) -> bool:
    column = table.columns[name].sql
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            value = json_object({name: row.extra.get(name) or row.before[name]})
            cursor.execute(f"SELECT n.{column} FROM {table.typed([name], '%s::jsonb')}", [value])
    except DatabaseError:
        return False
    return True


def _reason(error: DatabaseError) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "message_primary", None) or str(error).strip()
