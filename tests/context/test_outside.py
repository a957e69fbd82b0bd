"""What is written past the application names the database role, the client and its program: no empty cell."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

from audit_plugin import context
from tests.conftest import Log
from tests.testapp.models import Author

pytestmark = pytest.mark.django_db(transaction=True)


def by_psql(role: str, sql: str) -> None:
    if not shutil.which("psql"):
        pytest.skip("the program psql is not installed")
    settings = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"]),
        "PGDATABASE": settings["NAME"],
        "PGUSER": role,
        "PGPASSWORD": settings["PASSWORD"],
    }
    subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql], env=environment, check=True, timeout=60
    )


def by_psycopg(role: str, sql: str) -> None:
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        dbname=settings["NAME"],
        user=role,
        password=settings["PASSWORD"] or None,
        application_name="psql",
    ) as outside:
        outside.execute(sql)


@pytest.fixture
def roles() -> Iterator[list[str]]:
    """The role of the application, and one that may write authors."""
    # Roles belong to the server, which other test databases share.
    other = f"{connection.settings_dict['NAME']}_writer"
    names = {"role": Identifier(other)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (own,) = cursor.fetchone()
        cursor.execute(SQL("DROP ROLE IF EXISTS {role}").format(**names))
        cursor.execute(SQL("CREATE ROLE {role} LOGIN IN ROLE {own}").format(own=Identifier(own), **names))
    yield [own, other]
    with connection.cursor() as cursor:
        cursor.execute(SQL("DROP ROLE {role}").format(**names))


@pytest.mark.parametrize("write", [by_psql, by_psycopg])
def test_the_database_role_is_the_author(write: Callable[[str, str], None], roles: list[str], log: Log):
    for role in roles:
        write(role, f"INSERT INTO testapp_author (name, api_token) VALUES ('{role}', '')")
    entries = log(model="testapp.author")
    assert [entry.object_repr for entry in entries] == roles
    for entry, role in zip(entries, roles, strict=True):
        found = entry.context
        assert entry.actor_id == found.actor_id == f"role:{role}"
        assert (found.actor_kind, found.actor_label, found.source) == ("role", role, "sql")
        assert (found.db_role, found.application_name) == (role, "psql")


def test_one_transaction_is_one_context(roles: list[str], log: Log):
    insert = "INSERT INTO testapp_author (name, api_token) VALUES ('Ann', '')"
    by_psycopg(roles[0], f"{insert}; {insert}")
    by_psycopg(roles[0], insert)
    first, second, third = (entry.context_id for entry in log(model="testapp.author"))
    assert first == second != third


def test_the_application_says_who_and_the_database_which_connection(roles: list[str], log: Log, alice):
    with context(actor=alice):
        Author.objects.create(name="Ann")
    (entry,) = log(model="testapp.author")
    assert (entry.context.actor_label, entry.context.db_role) == ("Alice Archer", roles[0])


def test_the_author_before_in_the_same_session_is_not_taken(log: Log, alice):
    """A statement that the wrapper has not seen, on the application's own connection, within its transaction."""
    with connection.cursor():
        pass
    with context(actor=alice), psycopg.connect(connection.connection.info.dsn) as outside:
        said = f"/*audit:{'0' * 8}-0000-7000-8000-{'0' * 12}:MQ==:::*/"
        outside.execute(f"INSERT INTO testapp_author (name, api_token) VALUES ('said', '') {said}")
        outside.execute("INSERT INTO testapp_author (name, api_token) VALUES ('not said', '')")
    actors = {entry.object_repr: entry.actor_id for entry in log(model="testapp.author")}
    assert actors["said"] == "1"
    assert actors["not said"].startswith("role:")
