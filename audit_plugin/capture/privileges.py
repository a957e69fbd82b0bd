"""Who owns the log, and acting as its owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from audit_plugin.capture.columns import Table, quote
from audit_plugin.exceptions import NotOwnerError


def log_owner(cursor: Any, schema: str) -> str:
    """Return the role that owns the log.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
    """
    cursor.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(%s)",
        [f"{schema}.audit_plugin_entry"],
    )
    return str(cursor.fetchone()[0])


def may_become(cursor: Any, owner: str) -> bool:
    """Return whether the current role is another one or may switch to it."""
    # Since PostgreSQL 16 a member need not be allowed to.
    wanted = "SET" if cursor.connection.info.server_version >= 160000 else "MEMBER"
    cursor.execute("SELECT pg_has_role(%s, %s)", [owner, wanted])
    return bool(cursor.fetchone()[0])


@contextmanager
def owner_of_log(cursor: Any, schema: str) -> Iterator[None]:
    """Act as the owner of the log within a transaction, so that what is made belongs to it.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.

    Raises:
        NotOwnerError: The current role may not.
    """
    owner = log_owner(cursor, schema)
    cursor.execute("SELECT current_user, current_setting('role')")
    current, before = cursor.fetchone()
    if owner == current:
        yield
        return
    if not may_become(cursor, owner):
        raise NotOwnerError(
            f'The audit log belongs to the database role "{owner}", which "{current}" may not act as. '
            f"Run this as the role that runs your migrations, or let it: GRANT {quote(owner)} TO {quote(current)}"
        )
    cursor.execute("SELECT set_config('role', %s, true)", [owner])
    yield
    cursor.execute("SELECT set_config('role', %s, true)", [before])


def let_owner_read(cursor: Any, schema: str, tables: Iterable[Table]) -> list[str]:
    """Let the owner of the log read recorded tables: rows that TRUNCATE removes, the name of what a link is of.

    Args:
        cursor: A cursor on the database, of the tables' owner.
        schema: The quoted schema of the log.
        tables: The recorded tables.

    Returns:
        The statements that were needed.
    """
    owner = log_owner(cursor, schema)
    names = sorted({name for table in tables for name in (table.sql, *table.leaves)})
    cursor.execute(
        "SELECT DISTINCT format('GRANT USAGE ON SCHEMA %%I TO %%I', nspname, %s::text) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = ANY(%s::regclass[]) "
        "AND NOT has_schema_privilege(%s, n.oid, 'USAGE') UNION ALL "
        "SELECT format('GRANT SELECT ON %%I.%%I TO %%I', nspname, relname, %s::text) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = ANY(%s::regclass[]) "
        "AND NOT has_table_privilege(%s, c.oid, 'SELECT')",
        [owner, names, owner] * 2,
    )
    statements = [row[0] for row in cursor.fetchall()]
    for statement in statements:
        cursor.execute(statement)
    return statements
