"""Hands the log to a role of its own, so that the role the application works under can't touch it.

What has to be done is worked out from the catalog, as statements that can be shown before they are run; on a hardened
database there are none. It stays hardened: `migrate` makes what it makes as the owner of the log (`privileges.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connections, transaction

from audit_plugin.capture.columns import quote
from audit_plugin.capture.privileges import log_owner, owner_reads, write_grants
from audit_plugin.capture.relations import relations_sql
from audit_plugin.capture.roles import Roles
from audit_plugin.capture.schema import log_schema
from audit_plugin.capture.spec import specs
from audit_plugin.exceptions import BusyError, ConfigurationError, NotOwnerError

#: What the application calls itself; all else runs in triggers or needs no right of its own.
DOORS = (
    "audit_plugin_maintain_v1(integer)",
    "audit_plugin_record_v1(jsonb)",
    "audit_plugin_rollup_v1(bigint)",
)
LOCK_TIMEOUT = "5s"

_FUNCTIONS = (
    "SELECT p.oid FROM pg_proc p WHERE p.pronamespace = to_regnamespace(%(schema)s) "
    "AND p.proname ~ '^audit_(plugin|insert|update|delete|truncate|links)_'"
)


@dataclass
class _Facts:
    """What the catalog says about the database and the current role."""

    cursor: Any
    schema: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def ask(self, sql: str, **parameters: Any) -> list[Any]:
        self.cursor.execute(sql, {**self.parameters, **parameters})
        return [row[0] for row in self.cursor.fetchall()]

    @property
    def relations(self) -> str:
        return relations_sql(self.schema).replace("%", "%%")

    def true(self, sql: str, **parameters: Any) -> bool:
        return bool(self.ask(f"SELECT {sql}", **parameters)[0])


def plan(using: str, roles: Roles) -> list[str]:
    """Return the statements that are still needed to harden the log, in their order.

    Args:
        using: The database alias.
        roles: Who is who.

    Raises:
        ConfigurationError: There is no log.
        NotOwnerError: The current role may not do what is needed.
    """
    schema = _schema(using)
    with connections[using].cursor() as cursor:
        facts = _facts(cursor, schema, roles.owner)
        exists = facts.true("EXISTS (SELECT FROM pg_roles WHERE rolname = %(owner)s)")
        _refuse_what_fails(facts, exists)
        statements = [] if exists else [f"CREATE ROLE {quote(roles.owner)} NOLOGIN"]
        return [
            *statements,
            *_login(facts, roles, exists),
            *_memberships(facts, roles, exists),
            *_schema_rights(facts, roles, exists),
            *strays(cursor, schema, roles.owner),
            *_rights(facts, roles, exists),
            *_reading(using, facts, roles, exists),
        ]


def undo_plan(using: str, roles: Roles) -> list[str]:
    """Return the statements that hand the log back to the role that runs migrations.

    Args:
        using: The database alias.
        roles: Who is who.
    """
    schema = _schema(using)
    with connections[using].cursor() as cursor:
        facts = _facts(cursor, schema, roles.owner)
        if not facts.true("EXISTS (SELECT FROM pg_roles WHERE rolname = %(owner)s)"):
            return []
        back = roles.migrators[0]
        owned = facts.true(
            "EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole(%(quoted)s) "
            "AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            quoted=quote(roles.owner),
        )
        elsewhere = facts.true(
            "EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole(%(quoted)s) "
            "AND dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))",
            quoted=quote(roles.owner),
        )
        return [
            *(
                [
                    f"REASSIGN OWNED BY {quote(roles.owner)} TO {quote(back)}",
                    f"DROP OWNED BY {quote(roles.owner)}",
                ]
                if owned
                else []
            ),
            # Other databases of the server may be hardened with the same role.
            *([] if elsewhere else [f"DROP ROLE {quote(roles.owner)}"]),
        ]


def run(using: str, statements: Iterable[str]) -> None:
    """Run the statements, all or none.

    Args:
        using: The database alias.
        statements: From `plan` or `undo_plan`.

    Raises:
        BusyError: Others kept the log locked.
    """
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            for statement in statements:
                cursor.execute(statement)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":
            raise
        raise BusyError from error


def _schema(using: str) -> str:
    schema = log_schema(using)
    if schema is None:
        raise ConfigurationError(f'There is no audit log in the database "{using}". Run migrate first.')
    return schema


def _facts(cursor: Any, schema: str, owner: str) -> _Facts:
    return _Facts(cursor, schema, {"schema": schema, "owner": owner})


def _refuse_what_fails(facts: _Facts, exists: bool) -> None:
    """Say in words what would otherwise be an error of the database halfway through.

    Raises:
        NotOwnerError: The current role may not do what is needed.
    """
    if facts.true("(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"):
        return
    current = facts.ask("SELECT current_user")[0]
    owner = log_owner(facts.cursor, facts.schema)
    if not facts.true("pg_has_role(%(now)s, 'MEMBER')", now=owner):
        raise NotOwnerError(
            f'The log belongs to "{owner}". Run this as that role, as a member of it, or as a superuser; not as "{current}".'
        )
    if not exists and not facts.true("(SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user)"):
        raise NotOwnerError(
            f'The role "{facts.parameters["owner"]}" doesn\'t exist, and "{current}" may not create it. Let a superuser run: '
            f"CREATE ROLE {quote(facts.parameters['owner'])} NOLOGIN; "
            f"GRANT {quote(facts.parameters['owner'])} TO {quote(current)} WITH ADMIN OPTION"
        )
    may_grant = facts.true(
        "pg_has_role(nspowner, 'USAGE') OR has_schema_privilege(current_user, oid, 'CREATE WITH GRANT OPTION') "
        "FROM pg_namespace WHERE oid = to_regnamespace(%(schema)s)"
    )
    has = exists and facts.true("has_schema_privilege(%(owner)s, to_regnamespace(%(schema)s), 'CREATE')")
    if not may_grant and not has:
        raise NotOwnerError(
            f'The owner of the log has to be able to create its partitions in the schema {facts.schema}, and "{current}" may '
            f"not grant that. Let the schema's owner or a superuser run: CREATE ROLE {quote(facts.parameters['owner'])} NOLOGIN; "
            f"GRANT USAGE, CREATE ON SCHEMA {facts.schema} TO {quote(facts.parameters['owner'])}"
        )


def _login(facts: _Facts, roles: Roles, exists: bool) -> Iterator[str]:
    if exists and facts.true("(SELECT rolcanlogin FROM pg_roles WHERE rolname = %(owner)s)"):
        yield f"ALTER ROLE {quote(roles.owner)} NOLOGIN"


def _memberships(facts: _Facts, roles: Roles, exists: bool) -> Iterator[str]:
    """Make those who migrate members of the owner, and see that the application is none."""
    version = facts.cursor.connection.info.server_version
    # Since PostgreSQL 16 what a member may do is said with the membership; creating a role gives only the right to grant it.
    options, rights = (
        (" WITH INHERIT TRUE, SET TRUE", ("USAGE", "SET")) if version >= 160000 else ("", ("USAGE", "MEMBER"))
    )
    current = facts.ask("SELECT current_user")[0]
    supers = set(facts.ask("SELECT rolname FROM pg_roles WHERE rolsuper"))
    for role in dict.fromkeys((*roles.migrators, current)):
        if role in supers or role == roles.owner:
            continue
        if not exists or not all(
            facts.true("pg_has_role(%(one)s, %(owner)s, %(right)s)", one=role, right=right)
            for right in rights
        ):
            yield f"GRANT {quote(roles.owner)} TO {quote(role)}{options}"
    for role in roles.runtime:
        if role in roles.migrators or role == current or not exists:
            continue
        if facts.ask(
            "SELECT 1 FROM pg_auth_members JOIN pg_roles g ON g.oid = roleid JOIN pg_roles m ON m.oid = member "
            "WHERE g.rolname = %(owner)s AND m.rolname = %(one)s",
            one=role,
        ):
            yield f"REVOKE {quote(roles.owner)} FROM {quote(role)}"


def _schema_rights(facts: _Facts, roles: Roles, exists: bool) -> Iterator[str]:
    has = "has_schema_privilege(%(owner)s, to_regnamespace(%(schema)s), %(right)s)"
    missing = [right for right in ("USAGE", "CREATE") if not exists or not facts.true(has, right=right)]
    if missing:
        yield f"GRANT {', '.join(missing)} ON SCHEMA {facts.schema} TO {quote(roles.owner)}"


def strays(cursor: Any, schema: str, owner: str) -> Iterator[str]:
    """Yield the statements that give to the owner of the log what of it belongs to others.

    Args:
        cursor: A cursor on the database.
        schema: The quoted schema of the log.
        owner: The role that owns the log, or is to.
    """
    facts = _facts(cursor, schema, owner)
    yield from facts.ask(
        "SELECT format('ALTER TABLE %%s OWNER TO %%I', c.oid::regclass, %(owner)s::text) FROM pg_class c "
        f"WHERE c.oid IN ({facts.relations}) AND pg_get_userbyid(relowner) <> %(owner)s ORDER BY relispartition, relname"
    )
    yield from facts.ask(
        "SELECT format('ALTER SEQUENCE %%s OWNER TO %%I', c.oid::regclass, %(owner)s::text) FROM pg_class c "
        "WHERE c.oid = to_regclass(%(schema)s || '.audit_plugin_entry_seq') AND pg_get_userbyid(relowner) <> %(owner)s"
    )
    yield from facts.ask(
        "SELECT format('ALTER FUNCTION %%s OWNER TO %%I', p.oid::regprocedure, %(owner)s::text) FROM pg_proc p "
        f"WHERE p.oid IN ({_FUNCTIONS}) AND pg_get_userbyid(proowner) <> %(owner)s ORDER BY proname"
    )


def _rights(facts: _Facts, roles: Roles, exists: bool) -> Iterator[str]:
    """Take from everybody what changes the log, and let the application read it."""
    yield from write_grants(facts.cursor, facts.schema, roles.owner)
    for role in roles.runtime:
        # Only what is granted to the role itself counts: an owner's and a member's rights go with the ownership.
        yield from facts.ask(
            "SELECT format('GRANT SELECT ON %%s TO %%I', c.oid::regclass, %(one)s::text) FROM pg_class c "
            f"WHERE c.oid IN ({facts.relations} UNION SELECT to_regclass(%(schema)s || '.audit_plugin_entry_seq')) "
            "AND (pg_get_userbyid(relowner) = %(one)s OR NOT EXISTS (SELECT FROM aclexplode(relacl) "
            "WHERE privilege_type = 'SELECT' AND pg_get_userbyid(grantee) = %(one)s)) ORDER BY relispartition, relname",
            one=role,
        )
        yield from facts.ask(
            "SELECT format('GRANT EXECUTE ON FUNCTION %%s TO %%I', p.oid::regprocedure, %(one)s::text) FROM pg_proc p "
            "WHERE p.oid = ANY(%(doors)s::regprocedure[]) AND (pg_get_userbyid(proowner) = %(one)s OR NOT EXISTS "
            "(SELECT FROM aclexplode(proacl) WHERE pg_get_userbyid(grantee) = %(one)s)) ORDER BY proname",
            one=role,
            doors=[f"{facts.schema}.{door}" for door in DOORS],
        )
        # Partitions to come.
        if not exists or not facts.ask(
            "SELECT 1 FROM pg_default_acl, aclexplode(defaclacl) WHERE pg_get_userbyid(defaclrole) = %(owner)s "
            "AND defaclnamespace = to_regnamespace(%(schema)s) AND defaclobjtype = 'r' "
            "AND pg_get_userbyid(grantee) = %(one)s",
            one=role,
        ):
            yield (
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote(roles.owner)} IN SCHEMA {facts.schema} "
                f"GRANT SELECT ON TABLES TO {quote(role)}"
            )


def _reading(using: str, facts: _Facts, roles: Roles, exists: bool) -> Iterator[str]:
    tables = [spec.table for spec in specs(using)]
    yield from owner_reads(facts.cursor, roles.owner, tables, exists=exists)
