"""Who owns the log, and acting as its owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from audit_plugin.capture.columns import Table, quote
from audit_plugin.capture.relations import relations_sql
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
    before = _become_owner(cursor, schema, within_transaction=True)
    yield
    if before is not None:
        cursor.execute("SELECT set_config('role', %s, true)", [before])


@contextmanager
def acting_as_owner(cursor: Any, schema: str) -> Iterator[None]:
    """Act as the owner of the log for the session: for statements that no transaction may hold. See `owner_of_log`."""
    before = _become_owner(cursor, schema, within_transaction=False)
    try:
        yield
    finally:
        if before is not None:
            cursor.execute("SELECT set_config('role', %s, false)", [before])


def _become_owner(cursor: Any, schema: str, *, within_transaction: bool) -> str | None:
    """Switch to the owner of the log, and return the role to go back to; None where there is no need to."""
    owner = log_owner(cursor, schema)
    cursor.execute("SELECT current_user, current_setting('role')")
    current, before = cursor.fetchone()
    if owner == current:
        return None
    if not may_become(cursor, owner):
        raise NotOwnerError(
            f'The audit log belongs to the database role "{owner}", which "{current}" may not act as. '
            f"Run this as the role that runs your migrations, or let it: GRANT {quote(owner)} TO {quote(current)}"
        )
    cursor.execute("SELECT set_config('role', %s, %s)", [owner, within_transaction])
    return str(before)


def let_owner_read(cursor: Any, schema: str, tables: Iterable[Table]) -> None:
    """Let the owner of the log read recorded tables: rows that TRUNCATE removes, the name of what a link is of.

    Args:
        cursor: A cursor on the database, of the tables' owner.
        schema: The quoted schema of the log.
        tables: The recorded tables.
    """
    for statement in owner_reads(cursor, log_owner(cursor, schema), tables):
        cursor.execute(statement)


def owner_reads(cursor: Any, owner: str, tables: Iterable[Table], *, exists: bool = True) -> list[str]:
    """Return the statements still needed to let the owner of the log read recorded tables.

    Args:
        cursor: A cursor on the database.
        owner: The role that owns the log, or is to.
        tables: The recorded tables.
        exists: Whether that role exists already.
    """
    names = sorted({name for table in tables for name in (table.sql, *table.leaves)})
    cursor.execute(
        "WITH recorded AS (SELECT c.oid, relname, n.oid AS namespace, nspname FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = ANY(%(names)s::regclass[])) "
        "SELECT DISTINCT format('GRANT USAGE ON SCHEMA %%I TO %%I', nspname, %(owner)s::text) FROM recorded "
        "WHERE NOT has_schema_privilege(%(asked)s, namespace, 'USAGE') UNION ALL "
        "SELECT format('GRANT SELECT ON %%I.%%I TO %%I', nspname, relname, %(owner)s::text) FROM recorded "
        "WHERE NOT has_table_privilege(%(asked)s, oid, 'SELECT')",
        # A role that doesn't exist yet will have what everybody has.
        {"names": names, "owner": owner, "asked": owner if exists else "public"},
    )
    return [row[0] for row in cursor.fetchall()]


def write_grants(cursor: Any, schema: str, owner: str) -> list[str]:
    """Return the statements that take from others the right to write to the log, as `GRANT … ON ALL TABLES` gives it.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
        owner: The role that owns the log, or is to.
    """
    cursor.execute(
        f"WITH log AS ({relations_sql(schema).replace('%', '%%')} "
        "UNION SELECT to_regclass(%(sequence)s)), acls AS (SELECT c.oid, relowner, relacl AS acl FROM pg_class c "
        "UNION ALL SELECT c.oid, relowner, attacl FROM pg_class c JOIN pg_attribute ON attrelid = c.oid) "
        "SELECT format('REVOKE %%s ON %%s FROM %%s', string_agg(DISTINCT privilege_type, ', ' ORDER BY privilege_type), "
        "acls.oid::regclass, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) "
        "FROM acls JOIN log USING (oid), aclexplode(acl) WHERE grantee <> relowner AND privilege_type <> 'SELECT' "
        "AND pg_get_userbyid(grantee) <> %(owner)s GROUP BY acls.oid, grantee ORDER BY 1",
        {
            "sequence": f"{schema}.audit_plugin_entry_seq",
            "owner": owner,
        },
    )
    return [row[0] for row in cursor.fetchall()]


def stay_hardened(cursor: Any, schema: str) -> list[str]:
    """Where the log has an owner of its own, take back what a `GRANT … ON ALL TABLES` of the host's has given away.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.

    Returns:
        The statements that were needed.
    """
    owner = log_owner(cursor, schema)
    cursor.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [owner])
    if cursor.fetchone()[0]:
        return []
    statements = write_grants(cursor, schema, owner)
    for statement in statements:
        with owner_of_log(cursor, schema):
            cursor.execute(statement)
    return statements
