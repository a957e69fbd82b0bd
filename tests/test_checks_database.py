"""Checks that look into the database, and commands that they stop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections
from django.test import override_settings

from audit_plugin.checks import check_tables
from tests.test_checks import ids, new_model

__all__ = ["new_model"]


@pytest.mark.django_db(databases=["default", "other"])
class TestTables:
    """The check that looks into the database."""

    def check(self, sql: str, databases: list[str] | None) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
        return ids(check_tables(None, databases=databases))

    def test_all_is_well(self) -> None:
        assert self.check("SELECT", ["default", "other"]) == []

    @pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW"])
    def test_view(self, new_model: Any, kind: str) -> None:
        new_model("Title", managed=False)
        sql = f"CREATE {kind} testapp_title AS SELECT id, title FROM testapp_book"
        assert self.check(sql, ["default"]) == ["E010"]

    def test_foreign_table(self, new_model: Any) -> None:
        new_model("Remote", managed=False)
        sql = (
            "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing; "
            "CREATE FOREIGN TABLE testapp_remote (id bigint) SERVER nowhere"
        )
        assert self.check(sql, ["default"]) == ["E010"]

    def test_unmanaged_table_without_the_key(self, new_model: Any) -> None:
        new_model("Keyless", managed=False)
        assert self.check("CREATE TABLE testapp_keyless (name text)", ["default"]) == ["E010"]

    def test_key_that_a_migration_has_yet_to_make(self) -> None:
        assert self.check("ALTER TABLE testapp_tag RENAME id TO number", ["default"]) == []

    def test_databases_that_nobody_asked_about_are_not_looked_at(self, new_model: Any) -> None:
        new_model("Title", managed=False)
        assert self.check("CREATE VIEW testapp_title AS SELECT id FROM testapp_book", None) == []

    def test_wrong_names_are_left_to_the_other_check(self) -> None:
        with override_settings(AUDIT_MODELS=["no.Such"]):
            assert check_tables(None, databases=["default"]) == []


@pytest.mark.django_db
@override_settings(AUDIT_MODELS=["testapp.Bok"])
def test_migrate_stops_with_the_check_before_it_does_anything() -> None:
    with pytest.raises(SystemCheckError, match=r"audit_plugin\.E002"):
        call_command("migrate", verbosity=0, skip_checks=False)


def test_migrate_on_sqlite_says_what_is_missing_and_does_nothing(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite3"
    (tmp_path / "lite.py").write_text(
        "from tests.settings import *\n"
        f"DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': {str(database)!r}}}}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lite",
            "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "audit_plugin.E007" in done.stderr
    assert "Traceback" not in done.stderr
    assert not database.exists() or database.stat().st_size == 0


@pytest.mark.django_db
def test_a_server_that_is_too_old_is_named_before_anything_is_migrated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connections["default"].__dict__, "pg_version", 150_012)
    [found] = check_tables(None, databases=["default"])
    assert (found.id, found.hint) == ("audit_plugin.E013", "Upgrade it to PostgreSQL 16 or newer.")
