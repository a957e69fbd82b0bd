"""Moments at which a statement has no text of its own, or is not the application's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

import audit_plugin
from tests.conftest import Log
from tests.testapp.models import Author, Tag

DEFERRED = """
CREATE FUNCTION note_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO testapp_tag (name) VALUES ('noted ' || NEW.name); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER note_it AFTER INSERT ON testapp_author DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION note_it();
"""


@pytest.fixture
def deferred_trigger(transactional_db: None) -> object:
    """A trigger of the host's own that writes at COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute(DEFERRED)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER note_it ON testapp_author; DROP FUNCTION note_it")


def actors(log: Log, model: str) -> list[str | None]:
    return [entry.context.actor_label for entry in log(model=model)]


def test_write_of_a_deferred_trigger_at_commit(deferred_trigger: None, log: Log) -> None:
    for name in ("ann", "ben"):
        with audit_plugin.context(actor=name), transaction.atomic():
            Author.objects.create(name=name)
    assert actors(log, "testapp.tag") == ["ann", "ben"]


def test_write_of_a_deferred_trigger_at_set_constraints(deferred_trigger: None, log: Log) -> None:
    with audit_plugin.context(actor="ann"), transaction.atomic(), connection.cursor() as cursor:
        Author.objects.create(name="ann")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert actors(log, "testapp.tag") == ["ann"]


def test_commit_without_a_write_of_ones_own_names_nobody_of_an_earlier_transaction(
    deferred_trigger: None, log: Log
) -> None:
    with audit_plugin.context(actor="ann"), transaction.atomic():
        Author.objects.create(name="ann")
    connection.ensure_connection()
    raw = connection.connection.pgconn
    raw.exec_(b"BEGIN")
    raw.exec_(b"INSERT INTO testapp_author (name, api_token) VALUES ('psql', '')")
    raw.exec_(b"COMMIT")
    assert [entry.context.actor_kind for entry in log(model="testapp.tag")] == ["service", "role"]


@pytest.mark.django_db(transaction=True)
def test_two_phase_commit(log: Log) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_prepared_transactions")
        if cursor.fetchone()[0] == "0":
            pytest.skip("this server allows no prepared transactions (max_prepared_transactions = 0)")
        with audit_plugin.context(actor="ann"):
            cursor.execute("BEGIN")
            cursor.execute("INSERT INTO testapp_tag (name) VALUES ('two phases')")
            cursor.execute("PREPARE TRANSACTION 'audit'")
        cursor.execute("COMMIT PREPARED 'audit'")
    assert actors(log, "testapp.tag") == ["ann"]


@pytest.mark.django_db
def test_comment_that_a_visitor_typed_names_nobody(log: Log) -> None:
    with audit_plugin.context(actor="ann"):
        Tag.objects.create(name="real")
    forged = f"/*audit:{log()[0].context_id}:YmVu:::*/"
    connection.ensure_connection()
    for text in (f"'{forged}'", f"'{forged}' || ''", f"$${forged}$$"):
        done = connection.connection.pgconn.exec_(
            f"INSERT INTO testapp_author (api_token, name) VALUES ('', {text})".encode()
        )
        assert done.error_message == b""
    assert [entry.context.actor_kind for entry in log()] == ["service", "role", "role", "role"]
    assert [entry.actor_id for entry in log()][1:] == [f"role:{connection.settings_dict['USER']}"] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("tail", [";", " ;\n", " /*route='x'*/", "\n/* a */ /* b **/ ;"])
def test_comment_counts_before_white_space_semicolons_and_other_comments(tail: str, log: Log) -> None:
    with (
        audit_plugin.context(actor="ann"),
        connection.execute_wrapper(
            lambda execute, sql, params, many, context: execute(sql + tail, params, many, context)
        ),
    ):
        Tag.objects.create(name="x")
    assert actors(log, "testapp.tag") == ["ann"]


@pytest.mark.django_db
def test_loaddata_is_recorded_as_the_command(log: Log, tmp_path: Path) -> None:
    fixture = tmp_path / "tags.json"
    fixture.write_text(json.dumps([{"model": "testapp.tag", "pk": 77, "fields": {"name": "loaded"}}]))
    with audit_plugin.context(source="command", name="loaddata"):
        call_command("loaddata", str(fixture), verbosity=0)
    [entry] = log(model="testapp.tag")
    assert (entry.object_repr, entry.context.source, entry.context.name) == ("loaded", "command", "loaddata")
