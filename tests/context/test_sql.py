"""Every form in which a statement can be sent keeps its meaning and names its author."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext
from psycopg.sql import SQL, Identifier, Literal

from audit_plugin import context
from audit_plugin.context import annotate
from tests.conftest import log_since_now
from tests.context.conftest import make_user
from tests.testapp.models import Author

INSERT = "INSERT INTO testapp_author (name, api_token) VALUES"


def executing(sql: object, params: object = None) -> Callable[[BaseDatabaseWrapper], None]:
    def write(connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)

    return write


def executemany(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"{INSERT} (%s, '')", (["Ann"] for _ in range(1)))


def executemany_returning(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"{INSERT} (%(name)s, '')", [{"name": "Ann"}])


def copy(connection: BaseDatabaseWrapper) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY testapp_author (name, api_token) FROM STDIN") as rows,
    ):
        rows.write_row(("Ann", ""))


def copy_logged(connection: BaseDatabaseWrapper) -> None:
    with CaptureQueriesContext(connection):
        copy(connection)


def stream(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        assert len(list(cursor.stream(f"{INSERT} (%s, '') RETURNING id", ["Ann"]))) == 1


def procedure(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION pg_temp.write_author(text) RETURNS void LANGUAGE sql AS $$ {INSERT} ($1, '') $$"
        )
        cursor.callproc(Identifier("pg_temp", "write_author"), ["Ann"])


def function_in_select(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION pg_temp.write_author(text) RETURNS void LANGUAGE sql AS $$ {INSERT} ($1, '') $$"
        )
        cursor.execute("SELECT pg_temp.write_author(%s)", ["Ann"])


def named_cursor(connection: BaseDatabaseWrapper) -> None:
    """A cursor of the server: what it calls runs while it is read, and FETCH has no comment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.write_author(name text) RETURNS text LANGUAGE sql AS "
            f"$$ {INSERT} ($1, '') RETURNING name $$"
        )
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT pg_temp.write_author(%s)", ["Ann"])
        assert cursor.fetchall() == [("Ann",)]


def prepared_by_hand(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE write_author AS {INSERT} ($1, '')")
        with context(actor="whoever prepares"):
            cursor.execute("DEALLOCATE write_author")
            cursor.execute(f"PREPARE write_author AS {INSERT} ($1, '')")
        cursor.execute("EXECUTE write_author('Ann')")
        cursor.execute("DEALLOCATE write_author")


def prepared_by_psycopg(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.cursor.execute(f"{INSERT} (%s, '')", ["Ann"], prepare=True)


def psycopg_directly(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor():
        pass
    connection.connection.execute(f"{INSERT} (%s, '')", ["Ann"])


def two_statements(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1; {INSERT} ('Ann', '');")


def do_block(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN {INSERT} ('Ann', ''); END $$")


#: How the author Ann is written.
FORMS: dict[str, Callable[[BaseDatabaseWrapper], None]] = {
    "orm": lambda connection: Author.objects.using(connection.alias).create(name="Ann"),
    "bulk_create": lambda connection: Author.objects.using(connection.alias).bulk_create(
        [Author(name="Ann")]
    ),
    "parameters": executing(f"{INSERT} (%s, '')", ["Ann"]),
    "named parameters": executing(f"{INSERT} (%(name)s, '')", {"name": "Ann"}),
    "no parameters": executing(f"{INSERT} ('Ann', '')"),
    "empty parameters": executing(f"{INSERT} ('Ann', '')", []),
    "literal % without parameters": executing(f"{INSERT} ('Ann', '100 %s %')"),
    "literal %% with parameters": executing(f"{INSERT} (%s, '100 %%')", ["Ann"]),
    "a closing semicolon": executing(f"{INSERT} ('Ann', '') ;  "),
    "a closing comment": executing(f"{INSERT} ('Ann', '') -- the end"),
    "a closing comment and a semicolon": executing(f"{INSERT} ('Ann', ''); -- the end;"),
    "a closing block comment": executing(f"{INSERT} ('Ann', '') /* the end */"),
    "two dashes in text": executing(f"{INSERT} ('Ann', '--')"),
    "a leading comment": executing(f"-- beginning\n/* and */ {INSERT} ('Ann', '')"),
    "bytes": executing(f"{INSERT} ('Ann', '')".encode()),
    "composed": executing(
        SQL("INSERT INTO {} (name, api_token) VALUES ({}, %s)").format(
            Identifier("testapp_author"), Literal("Ann")
        ),
        [""],
    ),
    "sql object": executing(SQL(f"{INSERT} ('Ann', '')")),
    "a common table expression": executing(
        f"WITH new AS ({INSERT} ('Ann', '') RETURNING id) SELECT * FROM new"
    ),
    "executemany": executemany,
    "executemany, named": executemany_returning,
    "copy": copy,
    "copy, logged": copy_logged,
    "stream": stream,
    "callproc": procedure,
    "a function in a select": function_in_select,
    "a named cursor": named_cursor,
    "prepared by hand": prepared_by_hand,
    "prepared by psycopg": prepared_by_psycopg,
    "psycopg directly": psycopg_directly,
    "two statements": two_statements,
    "a do block": do_block,
}

#: What the connection is set to; a setting of its OPTIONS.
OPTIONS = {
    "as it is": {},
    "server_side_binding": {"server_side_binding": True},
    "prepared": {"prepare_threshold": 0},
}


@pytest.fixture(params=OPTIONS)
def connected(request, db) -> Iterator[BaseDatabaseWrapper]:
    """The default alias with a connection of its own, whose transactions are real."""
    old = connections["default"]
    settings = {**old.settings_dict, "OPTIONS": {**old.settings_dict["OPTIONS"], **OPTIONS[request.param]}}
    new = connections["default"] = type(old)(settings, alias="default")
    yield new
    Author.objects.all().delete()
    User.objects.all().delete()
    new.close()
    connections["default"] = old


@pytest.fixture
def users(connected) -> list[User]:
    return [make_user("Alice Archer"), make_user("Bob Baker")]


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "autocommit"])
@pytest.mark.parametrize("form", FORMS)
def test_the_author_is_named(form, connected, atomic, users):
    log = log_since_now()
    for user in (users[0], users[1], users[0]):
        with context(actor=user), transaction.atomic() if atomic else nullcontext():
            FORMS[form](connected)
        with connected.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS pg_temp.write_author(text)")
    entries = log(model="testapp.author", action="create")
    assert [entry.object_repr for entry in entries] == ["Ann"] * 3
    assert [entry.context.actor_label for entry in entries] == ["Alice Archer", "Bob Baker", "Alice Archer"]


@pytest.mark.parametrize("form", ["orm", "executemany", "copy"])
def test_a_statement_that_fails_fails_as_it_did(form, connected, users):
    Author.objects.create(pk=2_000_000_000, name="taken")
    with context(actor=users[0]), pytest.raises(IntegrityError):
        duplicate = "INSERT INTO testapp_author (id, name, api_token) VALUES (2000000000, %s, '')"
        with connected.cursor() as cursor:
            if form == "orm":
                Author(pk=2_000_000_000, name="again").save(force_insert=True)
            elif form == "executemany":
                cursor.executemany(duplicate, [["again"]])
            else:
                with (
                    wrap(connected),
                    cursor.copy("COPY testapp_author (id, name, api_token) FROM STDIN") as rows,
                ):
                    rows.write_row((2_000_000_000, "again", ""))
    Author.objects.filter(pk=2_000_000_000).delete()


def wrap(connection: BaseDatabaseWrapper):
    return connection.wrap_database_errors


def test_reads_and_noise_are_sent_as_they_are(connected, users):
    with context(actor=users[0]), CaptureQueriesContext(connected) as queries, transaction.atomic():
        with transaction.atomic():
            list(Author.objects.filter(name__in=["Ann", "Ben"]).select_for_update())
        with connected.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute("EXPLAIN SELECT 1")
    assert queries.captured_queries
    assert not [query["sql"] for query in queries if "/*audit:" in query["sql"]]


def test_the_wrapper_of_a_host_does_not_remove_ours(connected, users):
    def host(execute, sql, params, many, context):
        return execute(f"{sql} /*host*/", params, many, context)

    log = log_since_now()
    with context(actor=users[1]):
        with connected.execute_wrapper(host):
            FORMS["orm"](connected)
        FORMS["orm"](connected)
    assert [entry.context.actor_label for entry in log(model="testapp.author")] == ["Bob Baker"] * 2
    assert connected.execute_wrappers[0] is annotate.annotate


def test_a_wrapper_that_comments_reads_does_not_make_them_writes(connected, users):
    def host(execute, sql, params, many, context):
        return execute(f"{sql} /*route='home'*/", params, many, context)

    with (
        context(actor=users[1]),
        connected.execute_wrapper(host),
        CaptureQueriesContext(connected) as queries,
    ):
        Author.objects.count()
    assert "/*audit:" not in queries[0]["sql"]


def test_installing_twice_annotates_once(connected, users):
    annotate.install()
    annotate.prepare(connected)
    sent = []

    def host(execute, sql, params, many, context):
        sent.append(sql)
        return execute(sql, params, many, context)

    with context(actor=users[0]), connected.execute_wrapper(host):
        FORMS["orm"](connected)
    assert [sql.count("/*audit:") for sql in sent] == [1]


def test_what_a_visitor_types_is_not_taken_for_an_author(connected, users):
    forged = "/*audit:00000000-0000-7000-8000-000000000000:MQ==::: */"
    log = log_since_now()
    with context(actor=users[1]):
        Author.objects.create(name=forged)
        with connected.cursor() as cursor:
            cursor.execute(f"{INSERT} (%s, '') {forged}", ["Ann"])
    assert [entry.context.actor_label for entry in log(model="testapp.author")] == ["Bob Baker"] * 2


def test_without_the_wrapper_the_database_role_is_the_author(connected, users):
    log = log_since_now()
    annotate.uninstall()
    try:
        with context(actor=users[0]):
            FORMS["orm"](connected)
            FORMS["copy"](connected)
    finally:
        annotate.install()
    assert {entry.context.source for entry in log(model="testapp.author")} == {"sql"}
    FORMS["copy"](connected)
    assert [entry.context.source for entry in log(model="testapp.author")][-1] == "process"
