"""How well the log is protected from the role that the application works under: the level of hardening.

- 0: the role owns the log, or is a superuser. Guards stop accidents, not intent.
- 1: another role owns it, but this one can get around that.
- 2: another role owns it, and this one can only read. Its writes are recorded whether it wants or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit_plugin.capture.relations import relations_sql

HIGHEST = 2

#: Facts that lower the level of a role, each as SQL over `log` (see `_FACTS`), and what they mean.
_REASONS = {
    "superuser": ("r.rolsuper", 0, "is a superuser, whom no right and no trigger of a database stops"),
    "owner": (
        "r.oid = log.relowner",
        0,
        "owns the log: it can disable its guards, and forge or remove entries",
    ),
    "member": (
        "r.oid <> log.relowner AND (pg_has_role(r.oid, log.relowner, 'MEMBER') "
        "OR pg_has_role(r.oid, log.relowner, 'MEMBER WITH ADMIN OPTION'))",
        1,
        "is a member of the log's owner, or may make itself one",
    ),
    "createrole": (
        "r.rolcreaterole AND current_setting('server_version_num')::int < 160000",
        1,
        "has CREATEROLE and so, before PostgreSQL 16, may make itself a member of the log's owner",
    ),
    "system": (
        "EXISTS (SELECT FROM pg_roles s WHERE s.rolname IN ('pg_execute_server_program', 'pg_write_server_files') "
        "AND pg_has_role(r.oid, s.oid, 'MEMBER'))",
        1,
        "may run programs or write files on the database server",
    ),
    "schema": (
        "pg_has_role(r.oid, log.nspowner, 'MEMBER')",
        1,
        "owns the log's schema: it can drop the log's tables",
    ),
    "database": (
        "pg_has_role(r.oid, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')",
        1,
        "owns the database: it can drop it",
    ),
    "write": (
        "EXISTS (SELECT FROM pg_class c WHERE c.oid = ANY(log.relations) AND ("
        "has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER') "
        "OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))) "
        "OR has_sequence_privilege(r.oid, log.sequence, 'USAGE, UPDATE')",
        1,
        "has been granted more on the log than reading it",
    ),
    "forge": (
        "EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = log.relnamespace AND p.prosecdef "
        r"AND p.prorettype = 'trigger'::regtype AND p.proname ~ '^audit_' AND has_function_privilege(r.oid, p.oid, 'EXECUTE'))",
        1,
        "may hang a capture function on a table of its own, and so forge entries",
    ),
    "tables": (
        "EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
        r"WHERE p.pronamespace = log.relnamespace AND p.proname ~ '^audit_(insert|update|delete|truncate|links)_' "
        "AND pg_has_role(r.oid, c.relowner, 'MEMBER'))",
        1,
        "owns recorded tables: it can disable their triggers, which leaves a trace in the catalog only",
    ),
}

_FACTS = """
    WITH log AS (
        SELECT relowner, relnamespace, nspowner, to_regclass(%s) AS sequence, ARRAY({relations}) AS relations
        FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = to_regclass(%s)
    )
    SELECT r.rolname, pg_get_userbyid(log.relowner), {facts} FROM log, pg_roles r WHERE r.rolname = coalesce(%s, session_user)
"""


@dataclass(frozen=True)
class Level:
    """The level of one role, and what keeps it from a higher one.

    Attributes:
        number: 0, 1 or 2.
        role: The role.
        owner: The role that owns the log.
        reasons: What the role is or may, as ends of a sentence that begins with it.
    """

    number: int
    role: str
    owner: str
    reasons: tuple[str, ...]


def level(cursor: Any, schema: str, role: str | None = None) -> Level | None:
    """Return the level of hardening against one role, None if there is no such role.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
        role: The role that the application works under; the one that logged in here by default.
    """
    entry, sequence = (f"{schema}.audit_plugin_{name}" for name in ("entry", "entry_seq"))
    relations = relations_sql(schema).replace("%", "%%")
    facts = ", ".join(sql for sql, _, _ in _REASONS.values())
    cursor.execute(_FACTS.format(facts=facts, relations=relations), [sequence, entry, role])
    row = cursor.fetchone()
    if row is None:
        return None
    name, owner, *found = row
    return Level(_number(found), name, owner, _texts(found))


def _number(found: Iterable[bool]) -> int:
    return min(
        (level for (_, level, _), true in zip(_REASONS.values(), found, strict=True) if true), default=HIGHEST
    )


def _texts(found: Iterable[bool]) -> tuple[str, ...]:
    reasons = tuple(text for (_, _, text), true in zip(_REASONS.values(), found, strict=True) if true)
    # What a superuser or an owner may do besides needs no list.
    return reasons[:1] if _number(found) == 0 else reasons
