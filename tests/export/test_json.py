"""JSON, whole and by line."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from audit_plugin.export import columns_of, plan_for
from audit_plugin.export.statement import json_statement
from audit_plugin.models import Context, Entry
from tests.export.conftest import TENANT, add_context, add_entry, content, csv_rows, planned

pytestmark = pytest.mark.django_db


def test_a_document_nests_actor_subject_and_properties(ann: Context) -> None:
    entry = add_entry(ann, details={"through": "x"}, masked=["api_token"])
    export = planned(format="json")
    assert json.loads(content(export)) == {
        "exported_at": export.exported_at,
        "filters": {},
        "entries": [
            {
                "id": str(entry.id),
                "timestamp": "2026-01-15T13:30:45.123456Z",
                "channel": "data",
                "event": "update",
                "description": "Ann Archer changed name and 1 more of Author Ann (1)",
                "actor": {"email": "ann@example.org", "id": "7"},
                "subject": {"type": "testapp.author", "id": "1", "name": "Ann"},
                "properties": {
                    "operation": "update",
                    "changes": {"name": {"old": "Ann", "new": "Anna"}, "api_token": {"masked": True}},
                    "details": {"through": "x"},
                },
            }
        ],
        "count": 1,
    }


def test_the_moment_of_the_export_is_in_utc(db: None) -> None:
    export = planned(format="json")
    assert json.loads(content(export))["exported_at"] == export.begun.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "entries", [Entry.objects.none(), Entry.objects.filter(model="nothing.here")], ids=["impossible", "none"]
)
def test_a_document_without_entries(db: None, entries: object) -> None:
    assert json.loads(content(plan_for(entries, format="json")))["entries"] == []  # type: ignore[arg-type]
    assert content(plan_for(entries, format="ndjson")) == b""  # type: ignore[arg-type]


def test_a_document_longer_than_a_piece(ann: Context) -> None:
    for number in range(30):
        add_entry(ann, object_id=str(number), changes={"text": [None, "x" * 10_000]})
    found = json.loads(content(planned(format="json")))
    assert [entry["subject"]["id"] for entry in found["entries"]] == [
        str(number) for number in reversed(range(30))
    ]
    assert found["count"] == 30


def test_the_filter_is_in_the_document(ann: Context) -> None:
    from audit_plugin.filters import EntryFilter

    given = EntryFilter(object_id='"1"\n')
    assert json.loads(content(planned(format="json", given=given)))["filters"] == {"record": '"1"\n'}


def test_lines(ann: Context) -> None:
    add_entry(ann, object_repr="a\nb\u2028c\x85d\\")
    add_entry(ann)
    lines = content(planned(format="ndjson")).split(b"\n")
    assert lines.pop() == b""
    assert [json.loads(line)["subject"]["name"] for line in lines] == ["Ann", "a\nb\u2028c\x85d\\"]


def test_the_columns_are_a_choice(ann: Context) -> None:
    entry = add_entry(ann)
    found = json.loads(content(planned(format="ndjson", columns=["id", "user", "changes", "date_time"])))
    assert found == {
        "id": str(entry.id),
        "user": "ann@example.org",
        "changes": "name: Ann → Anna",
        "date_time": "2026-01-15T14:30:45+01:00",
    }


def test_extended_says_where_it_came_from(db: None) -> None:
    context = add_context(
        ip="2001:db8::1", user_agent="Curl/8", request_id="r-1", impersonator_id="1", name="people:detail"
    )
    add_entry(context)
    found = json.loads(content(planned(format="ndjson", columns="extended")))
    assert found["actor"] == {"email": "ann@example.org", "id": "7", "name": "Ann Archer", "kind": "user"}
    assert found["impersonator"] == {"id": "1", "name": None}
    assert found["context"]["ip"] == "2001:db8::1" and found["context"]["view"] == "people:detail"
    assert found["tenant"] == "export-tests"


@pytest.mark.parametrize(
    ("operation", "changes", "told", "cell"),
    [
        ("U", '{"fee": [120.50, 0.10]}', b'{"fee":{"old":120.50,"new":0.10}}', "fee: 120.50 → 0.10"),
        ("I", '{"fee": 9007199254740993.0}', b'{"fee":{"old":null,"new":9007199254740993.0}}', "fee: – → 9007199254740993.0"),
        ("D", '{"fee": -0.00}', b'{"fee":{"old":0.00,"new":null}}', "fee: 0.00 → –"),
    ],
)  # fmt: skip
def test_numbers_keep_their_digits(
    ann: Context, operation: str, changes: str, told: bytes, cell: str
) -> None:
    add_entry(ann, operation=operation, changes=changes)
    assert b'"changes":' + told in content(planned(format="ndjson"))
    assert csv_rows(planned(columns="changes"))[1:] == [[cell]]


def test_servers_of_each_version_make_the_same_file(db: None) -> None:
    if connection.pg_version < 170000:
        pytest.skip("This server has one way only.")
    nasty = "".join(map(chr, range(1, 128))) + "é\u2028🎈"
    context = add_context(actor_label=nasty, actor_email=None)
    add_entry(context, object_repr=nasty, changes={nasty: [nasty, None]}, masked=[nasty])
    add_entry(context, operation="M", changes={nasty: {"added": [nasty], "removed": []}})
    entries = Entry.objects.filter(tenant=TENANT)
    statement = json_statement(entries, columns_of("extended"))
    assert statement is not None
    connection.ensure_connection()
    files = []
    for version in (160000, 170000):
        with connection.connection.cursor() as cursor, cursor.copy(*statement.on(version)) as copy:
            files.append(b"".join(copy))
    assert files[0] == files[1] and files[0].count(b"\n") == 2
    assert statement.on(160000).sql != statement.on(170000).sql
