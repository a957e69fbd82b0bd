"""Migrations of recorded tables: nothing fails, nothing is lost, no secret gets out. Each `migrate` is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from sample_project.postgres import database, drop

SETTINGS = "tests.migrating.settings"

READ = """
import json, django; django.setup()
from django.db import connection
from audit_plugin.models import Entry
from audit_plugin.capture import drift, schema, spec
entries = [
    dict(action=e.action, model=e.model, changes=e.changes, masked=e.masked)
    for e in Entry.objects.filter(model="migrating.note").order_by("seq")
]
name = schema.log_schema("default")
with connection.cursor() as cursor:
    problems = [
        problem.kind for one in spec.specs("default") if one.content["label"] == "migrating.note"
        for problem in drift.problems(cursor, name, one)
    ]
    cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'audit%migrating%'")
    print(json.dumps(dict(entries=entries, problems=problems, triggers=cursor.fetchone()[0])))
"""


def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, **extra}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=300
    )


def migrate(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return run("-m", "django", "migrate", *arguments, **extra)


def state() -> dict[str, Any]:
    found = run("-c", READ)
    assert found.returncode == 0, found.stderr
    return dict(json.loads(found.stdout))


def sql(statement: str) -> None:
    done = run(
        "-c",
        f"import django; django.setup(); from django.db import connection as c; c.cursor().execute({statement!r})",
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def migrated() -> Iterator[dict[str, Any]]:
    """Run the app's first migrations over one row; the third breaks off."""
    own = database(f"{database()['NAME']}_migrating")
    drop(own, only_with_table="audit_plugin_entry")
    assert migrate("migrating", "0001", MIGRATING="old").returncode == 0
    sql("INSERT INTO migrating_note (title, body, pin) VALUES ('first', 'the body', '1234')")
    assert "division by zero" in migrate("migrating").stderr
    sql("UPDATE migrating_paper SET headline = 'after the failure'")
    yield state()
    drop(own, only_with_table="audit_plugin_entry")


@pytest.fixture(scope="module")
def mended(migrated: dict[str, Any]) -> dict[str, Any]:
    """Run `migrate` once more, to its end, and write once more."""
    assert migrate("--fake", "migrating", "0003").returncode == 0
    sql("UPDATE migrating_paper SET headline = 'at the end', code = 'x'")
    return state()


def changes(found: dict[str, Any], action: str = "update") -> list[dict[str, Any]]:
    return [entry["changes"] for entry in found["entries"] if entry["action"] == action]


def test_every_write_of_the_migrations_is_recorded(migrated: dict[str, Any]) -> None:
    assert changes(migrated) == [
        {"title": ["first", "before the drop"]},
        {"title": ["before the drop", "after the drop"]},
        {"title": ["after the drop", "after the rename"]},
        {},
        {"rating": [3, 4]},
        {"title": ["after the rename", "after the addition"], "extra_pin": ["", "x"]},
        {"title": ["after the addition", "after the table was renamed"]},
        {"title": ["after the table was renamed", "after the failure"]},
    ]


def test_old_entries_keep_the_dropped_column(migrated: dict[str, Any]) -> None:
    assert changes(migrated, "create")[0]["body"] == "the body"


def test_renamed_secret_stays_one(migrated: dict[str, Any]) -> None:
    assert "secret" not in json.dumps([entry["changes"] for entry in migrated["entries"]])
    assert [entry["masked"] for entry in migrated["entries"] if entry["changes"] == {}] == [["pin"]]


def test_failed_migrate_is_reported_and_leaves_capture_on(migrated: dict[str, Any]) -> None:
    assert set(migrated["problems"]) == {"migrating"}
    assert changes(migrated)[-1] == {"title": ["after the table was renamed", "after the failure"]}


def test_next_migrate_builds_the_triggers_for_the_columns_that_are_there(mended: dict[str, Any]) -> None:
    assert (mended["problems"], mended["triggers"]) == ([], 4)
    last = mended["entries"][-1]
    assert (last["changes"].keys(), last["masked"]) == ({"headline"}, ["code"])


def test_migrations_need_none_of_the_hosts_own() -> None:
    done = run("-m", "django", "makemigrations", "--check", "--dry-run", "--settings", "tests.settings")
    assert (done.returncode, done.stdout.strip()) == (0, "No changes detected")
