"""Deferred constraints: checked now rather than at the end, and then left as they were found."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connections, transaction

from audit_plugin.restore.codes import Code, text
from audit_plugin.restore.decisions import conflict_id
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.write import is_passing

IMMEDIATE = """
    SELECT string_agg(format('%I.%I', nspname, conname), ', ') FROM pg_constraint
      JOIN pg_namespace AS n ON n.oid = connamespace WHERE condeferrable AND NOT condeferred AND conparentid = 0
"""


def check_constraints(using: str) -> Conflict | None:
    """Have the database check what it would check at the end, and return the conflict if it objects.

    Args:
        using: The database alias.
    """
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _defer_again(cursor)
    except DatabaseError as error:
        if is_passing(error):
            raise
        diagnosis = getattr(error.__cause__, "diag", None)
        constraint = getattr(diagnosis, "constraint_name", None) or ""
        reason = getattr(diagnosis, "message_primary", None) or str(error)
        return Conflict(
            id=conflict_id(Code.REFUSED, constraint or "deferred"),
            code=Code.REFUSED,
            message=text("deferred", reason=reason),
            details={"constraint": constraint},
        )
    return None


def _defer_again(cursor: Any) -> None:
    """Let the transaction around it, which may be the host's, go on as it began.

    It has to be done within the same savepoint. When one is released, PostgreSQL forgets what was deferred before it,
    so that a rollback of a savepoint around it would bring back what is in force here.
    """
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    cursor.execute(IMMEDIATE)
    if immediate := cursor.fetchone()[0]:
        cursor.execute(f"SET CONSTRAINTS {immediate} IMMEDIATE")
