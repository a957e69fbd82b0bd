"""The database roles that hardening is about: who owns the log, who works, who migrates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections

from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError


@dataclass(frozen=True)
class Roles:
    """Who is who.

    Attributes:
        owner: The role that owns the log, or is to.
        runtime: The roles that the application works under.
        migrators: The roles that run migrations: members of the owner.
    """

    owner: str
    runtime: tuple[str, ...]
    migrators: tuple[str, ...]


def choose_roles(
    using: str,
    *,
    owner: str = "",
    runtime: Sequence[str] = (),
    migrators: Sequence[str] = (),
    undo: bool = False,
) -> Roles:
    """Fill in the roles that were not named.

    Args:
        using: The database alias.
        owner: The owner to be; `AUDIT_OWNER_ROLE` by default.
        runtime: The roles that the application works under; by default the one of this connection.
        migrators: The roles that run migrations; by default the one of this connection, or the one that owns Django's own
            table of migrations where this one is a superuser.
        undo: Whether it is for `undo_plan`, to which the application's role is nothing.

    Raises:
        ConfigurationError: There is no such role, or a role that hardening can do nothing about.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT session_user, current_user, rolsuper, (SELECT pg_get_userbyid(relowner) FROM pg_class "
            "WHERE oid = to_regclass('django_migrations')) FROM pg_roles WHERE rolname = current_user"
        )
        login, current, superuser, migrations_owner = cursor.fetchone()
        chosen = Roles(
            owner=owner or settings.OWNER_ROLE,
            runtime=tuple(runtime) or (login,),
            migrators=tuple(migrators) or ((migrations_owner or current) if superuser else current,),
        )
        cursor.execute("SELECT rolname, rolsuper FROM pg_roles")
        supers = dict(cursor.fetchall())
    for role in (*chosen.runtime, *chosen.migrators):
        if role not in supers:
            raise ConfigurationError(f'There is no database role "{role}".')
    for role in () if undo else chosen.runtime:
        if supers[role]:
            raise ConfigurationError(
                f'"{role}" is a superuser, against whom nothing can be hardened. Let the application log in as an '
                "ordinary role, and name that one with --runtime-role."
            )
        if role == chosen.owner:
            raise ConfigurationError(f'"{role}" can\'t both own the log and be the role of the application.')
    return chosen
