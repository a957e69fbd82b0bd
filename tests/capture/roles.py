"""Databases of their own for tests about database roles, with the roles to go with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

HOST_RIGHTS = """
    GRANT USAGE ON SCHEMA public, "Odd Schema" TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public, "Odd Schema" TO {role};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, "Odd Schema" TO {role};
"""


@dataclass(frozen=True)
class Team:
    """A database in which one role migrates and another one works, as aliases of Django's.

    Attributes:
        name: The database's name.
        deploy: The alias, and role, that migrates and owns all tables. No superuser.
        app: The alias, and role, that the application works under; the same as `deploy` where there is one for both.
        root: The alias of a superuser.
        owner: A name for the role that is to own the log.
    """

    name: str
    deploy: str
    app: str
    root: str
    owner: str

    def harden(self, *arguments: str, using: str = "") -> str:
        """Run audit_harden with the roles of the team, and return what it printed."""
        from io import StringIO

        out = StringIO()
        roles = {"runtime_role": [self.app], "migrator_role": [self.deploy], "owner_role": self.owner}
        call_command(
            "audit_harden", *arguments, database=using or self.deploy, stdout=out, no_color=True, **roles
        )
        return out.getvalue()

    def execute(self, alias: str, statement: str) -> None:
        """Run SQL under one of the roles."""
        with connections[alias].cursor() as cursor:
            cursor.execute(statement)

    def grant_host_rights(self, alias: str = "") -> None:
        """Do what many deployments do after migrating: let the application write to every table there is."""
        self.execute(alias or self.deploy, HOST_RIGHTS.format(role=self.app))


@contextmanager
def team(suffix: str, *, same: bool = False, createrole: bool = True) -> Iterator[Team]:
    """Make a database with the models of testapp and its roles, and drop them in the end.

    Args:
        suffix: What tells it from others.
        same: Whether the role that migrates is also the one that the application works under.
        createrole: Whether the role that migrates may create roles.
    """
    default = connections["default"].settings_dict
    # The tests write the roles' names into statements as they are.
    name = f"{default['NAME']}_{suffix}".replace("-", "_")
    app = f"{name}_deploy" if same else f"{name}_app"
    made = Team(name=name, deploy=f"{name}_deploy", app=app, root=f"{name}_root", owner=f"{name}_owner")
    users = {made.deploy: made.deploy, made.app: made.app, made.root: default["USER"]}
    _drop(made)
    with _server() as server:
        server.execute(
            sql.SQL("CREATE ROLE {} LOGIN {}").format(
                sql.Identifier(made.deploy), sql.SQL("CREATEROLE" if createrole else "NOCREATEROLE")
            )
        )
        if not same:
            server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(made.app)))
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                *map(sql.Identifier, (name, made.deploy))
            )
        )
    for alias, user in users.items():
        connections.settings[alias] = {**default, "NAME": name, "USER": user}
    try:
        call_command("migrate", "audit_plugin", database=made.deploy, verbosity=0)
        call_command("migrate", "testapp", database=made.deploy, verbosity=0)
        yield made
    finally:
        for alias in users:
            connections[alias].close()
            del connections[alias]
            del connections.settings[alias]
        _drop(made)


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    default = connections["default"].settings_dict
    with psycopg.connect(
        host=default["HOST"] or None,
        port=default["PORT"] or None,
        user=default["USER"] or None,
        password=default["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        yield connection


def _drop(made: Team) -> None:
    with _server() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(made.name)))
        for role in dict.fromkeys((made.owner, made.app, made.deploy)):
            server.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
