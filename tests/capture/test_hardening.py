"""Hardening: the ways to it and back, what it leaves to the application, and that it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from audit_plugin.capture import doctor
from audit_plugin.capture.level import level
from audit_plugin.exceptions import NotOwnerError
from audit_plugin.models import Entry
from tests.capture.roles import Team, team
from tests.testapp.models import Author, Book, Measurement, Tag


def findings(using: str, **options: Any) -> dict[str, list[doctor.Finding]]:
    found: dict[str, list[doctor.Finding]] = {}
    for finding in doctor.examine(using, **options):
        if finding.code not in ("model-unrecorded", "table-missing", "baseline-missing"):
            found.setdefault(finding.code, []).append(finding)
    return found


def number(made: Team, role: str) -> int:
    with connections[made.root].cursor() as cursor:
        found = level(cursor, '"public"', role)
        assert found is not None
        return found.number


def test_levels(one_role: Team, hardened: Team) -> None:
    assert number(one_role, one_role.app) == 0
    assert number(hardened, hardened.app) == 2
    assert number(hardened, hardened.deploy) == 1
    assert number(hardened, connections[hardened.root].settings_dict["USER"]) == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("GRANT {owner} TO {app}", "member of the log's owner"),
        ("GRANT {deploy} TO {app}", "member of the log's owner"),
        ("GRANT INSERT ON audit_plugin_entry TO {app}", "granted more"),
        ("GRANT UPDATE (actor_id) ON audit_plugin_entry_default TO {app}", "granted more"),
        ("GRANT TRIGGER ON audit_plugin_context TO PUBLIC", "granted more"),
        ("GRANT USAGE ON SEQUENCE audit_plugin_entry_seq TO {app}", "granted more"),
        ("GRANT pg_write_all_data TO {app}", "granted more"),
        ("ALTER SCHEMA public OWNER TO {app}", "owns the log's schema"),
        ("ALTER DATABASE {name} OWNER TO {app}", "owns the database"),
        ("ALTER TABLE testapp_author OWNER TO {app}", "owns recorded tables"),
        ("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {app}", "forge entries"),
        ("GRANT pg_write_server_files TO {app}", "write files"),
    ],
)
def test_what_lowers_the_level(hardened: Team, change: str, reason: str) -> None:
    names = {"owner": hardened.owner, "app": hardened.app, "deploy": hardened.deploy, "name": hardened.name}
    with transaction.atomic(hardened.root), connections[hardened.root].cursor() as cursor:
        cursor.execute(change.format(**names))
        found = level(cursor, '"public"', hardened.app)
        transaction.set_rollback(True, hardened.root)
    assert found is not None
    assert found.number == 1
    assert any(reason in text for text in found.reasons)


def test_the_application_works_as_before(hardened: Team) -> None:
    app = hardened.app
    with transaction.atomic(app):
        last = Entry.objects.using(app).order_by("-seq").values_list("seq", flat=True)[0]
        book = Book.objects.using(app).create(title="Emma", isbn="1")
        book.title = "Emma 2"
        book.save()
        book.tags.add(Tag.objects.using(app).create(name="novel"))
        Measurement.objects.using(app).create(sensor="a", year=2026, value=1)
        hardened.execute(app, "TRUNCATE testapp_measurement")
        book.delete()
        log = (
            Entry.objects.using(app)
            .filter(seq__gt=last)
            .order_by("seq")
            .values_list("action", "model", "object_repr")
        )
        assert list(log) == [
            ("create", "testapp.book", "Emma (1)"),
            ("update", "testapp.book", "Emma 2 (1)"),
            ("create", "testapp.tag", "novel"),
            ("update", "testapp.book", "Emma 2 (1)"),
            ("create", "testapp.measurement", "a"),
            ("delete", "testapp.measurement", "a"),
            ("truncate", "testapp.measurement", ""),
            ("update", "testapp.book", "Emma 2 (1)"),
            ("delete", "testapp.book", "Emma 2 (1)"),
        ]
        assert Entry.objects.using(app).filter(seq__gt=last, context__db_role=app).count() == len(log)
        transaction.set_rollback(True, app)


def test_doctor_under_the_application_s_role(hardened: Team) -> None:
    found = findings(hardened.app, level=2)
    assert list(found) == ["level"]
    assert found["level"][0].message.startswith("Level 2 of 2")


def test_the_application_s_role_keeps_the_log_going(hardened: Team) -> None:
    with transaction.atomic(hardened.root):
        hardened.execute(hardened.root, "DROP TABLE audit_plugin_entry_default")
    assert "partition-no-default" in findings(hardened.app)
    assert "Made 1 partitions." in list(doctor.mend(hardened.app))
    assert list(findings(hardened.app)) == ["level"]
    with connections[hardened.app].cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'audit_plugin_entry_default'"
        )
        assert cursor.fetchone() == (hardened.owner,)


def test_what_only_the_migrating_role_can_mend_is_said(hardened: Team) -> None:
    with transaction.atomic(hardened.app):
        said = list(doctor.mend(hardened.app))
        transaction.set_rollback(True, hardened.app)
    assert any(f'belongs to the database role "{hardened.owner}"' in text for text in said)


def test_migrate_is_refused_to_the_application_s_role(hardened: Team) -> None:
    with pytest.raises(NotOwnerError, match=f'GRANT "{hardened.owner}" TO "{hardened.app}"'):
        call_command("migrate", "testapp", database=hardened.app, verbosity=0)


def test_baseline_is_refused_to_the_application_s_role(hardened: Team) -> None:
    with pytest.raises(CommandError, match="may only read it"):
        call_command("audit_baseline", "testapp.Author", database=hardened.app)


def owners(made: Team) -> set[tuple[str, ...]]:
    with connections[made.root].cursor() as cursor:
        cursor.execute(
            "SELECT 'relation', pg_get_userbyid(relowner) FROM pg_class "
            "WHERE relname LIKE 'audit%' AND relkind IN ('r', 'p', 'S') "
            "UNION SELECT 'function', pg_get_userbyid(proowner) FROM pg_proc WHERE proname LIKE 'audit%'"
        )
        return set(cursor.fetchall())


def test_it_stays_hardened_when_migrated(hardened: Team) -> None:
    owned = {("relation", hardened.owner), ("function", hardened.owner)}
    assert owners(hardened) == owned
    hardened.execute(hardened.root, "DROP TABLE audit_plugin_context_default")
    call_command("migrate", "testapp", "zero", database=hardened.deploy, verbosity=0)
    call_command("migrate", "testapp", database=hardened.deploy, verbosity=0)
    # Many deployments do this after each migration, and it gives away the log's tables as well.
    hardened.grant_host_rights()
    assert {finding.code for finding in doctor.examine(hardened.app)} >= {"log-grant"}
    assert number(hardened, hardened.app) == 1
    call_command("migrate", "testapp", database=hardened.deploy, verbosity=0)
    assert owners(hardened) == owned
    assert number(hardened, hardened.app) == 2
    assert list(findings(hardened.app)) == ["level"]
    Author.objects.using(hardened.app).create(id=1, name="Ann")


def test_hardening_again_does_nothing(hardened: Team) -> None:
    assert "Nothing to do." in hardened.harden()


def test_other_connections_of_the_migrating_role_keep_their_role(hardened: Team) -> None:
    """With `assume_role` a connection works under a role that isn't the one that logged in."""
    with transaction.atomic(hardened.root), connections[hardened.root].cursor() as cursor:
        cursor.execute(f"SET ROLE {hardened.deploy}")
        try:
            call_command("migrate", "testapp", database=hardened.root, verbosity=0)
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (hardened.deploy,)
        finally:
            cursor.execute("RESET ROLE")


class TestWays:
    """Ways to level 2, and the way back."""

    @pytest.fixture
    def fresh(
        self, request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
    ) -> Iterator[Team]:
        with django_db_blocker.unblock(), team("ways", **request.param) as made:
            yield made

    @pytest.mark.parametrize("fresh", [{"createrole": False}], indirect=True)
    def test_by_a_superuser_and_back(self, fresh: Team) -> None:
        with pytest.raises(CommandError, match="may not create it"):
            fresh.harden()
        sql = fresh.harden("--dry-run", using=fresh.root)
        assert f'CREATE ROLE "{fresh.owner}" NOLOGIN;' in sql
        assert owners(fresh) == {("relation", fresh.deploy), ("function", fresh.deploy)}
        assert f'Level 2 of 2 against "{fresh.app}".' in fresh.harden(using=fresh.root)
        assert "Nothing to do." in fresh.harden(using=fresh.root)
        assert "Nothing to do." in fresh.harden()
        call_command("migrate", "testapp", database=fresh.deploy, verbosity=0)
        assert list(findings(fresh.deploy)) == ["level"]
        fresh.harden("--undo", using=fresh.root)
        assert owners(fresh) == {("relation", fresh.deploy), ("function", fresh.deploy)}
        assert "Nothing to do." in fresh.harden("--undo", using=fresh.root)
        call_command("migrate", "testapp", database=fresh.deploy, verbosity=0)
        Author.objects.using(fresh.deploy).create(name="Ann")
        assert Entry.objects.using(fresh.deploy).get().object_repr == "Ann"

    @pytest.mark.parametrize("fresh", [{}], indirect=True)
    def test_back_by_the_role_that_hardened(self, fresh: Team) -> None:
        fresh.harden()
        fresh.harden("--undo")
        assert owners(fresh) == {("relation", fresh.deploy), ("function", fresh.deploy)}
        assert f'Level 2 of 2 against "{fresh.app}".' in fresh.harden()

    @pytest.mark.parametrize("fresh", [{"same": True}], indirect=True)
    def test_one_role_for_everything_reaches_level_1(self, fresh: Team) -> None:
        said = fresh.harden()
        assert f'Level 1 of 2 against "{fresh.app}".' in said
        assert "owns recorded tables" in said
        call_command("migrate", "testapp", database=fresh.app, verbosity=0)
        Author.objects.using(fresh.app).create(name="Ann")
        found = findings(fresh.app, level=2)
        assert list(found) == ["level"]
        assert found["level"][0].severity == "error"

    @pytest.mark.parametrize("fresh", [{}], indirect=True)
    def test_an_owner_that_may_log_in_is_stopped(self, fresh: Team) -> None:
        fresh.execute(fresh.root, f"CREATE ROLE {fresh.owner} LOGIN")
        assert f'ALTER ROLE "{fresh.owner}" NOLOGIN;' in fresh.harden(using=fresh.root)

    @pytest.mark.parametrize("fresh", [{}], indirect=True)
    def test_membership_of_the_application_is_ended(self, fresh: Team) -> None:
        fresh.execute(fresh.root, f"CREATE ROLE {fresh.owner}; GRANT {fresh.owner} TO {fresh.app}")
        assert f'REVOKE "{fresh.owner}" FROM "{fresh.app}";' in fresh.harden(using=fresh.root)
        assert number(fresh, fresh.app) == 2


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"runtime_role": ["nobody at all"]}, 'There is no database role "nobody at all"'),
        ({"migrator_role": ["nobody at all"]}, 'There is no database role "nobody at all"'),
        ({"runtime_role": []}, "is a superuser, against whom nothing can be hardened"),
        ({"runtime_role": ["pg_monitor"], "owner_role": "pg_monitor"}, "can't both own the log"),
    ],
)
def test_roles_that_make_no_sense(one_role: Team, roles: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("audit_harden", database=one_role.root, **roles)
