"""What a role can do to the log before and after hardening, on connections of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction

from audit_plugin.capture import doctor
from audit_plugin.capture.level import level
from audit_plugin.exceptions import NotOwnerError
from audit_plugin.models import Entry
from tests.capture.roles import Team, team
from tests.testapp.models import Author, Book, Measurement, Tag


@pytest.fixture(scope="module")
def one_role(django_db_setup: None, django_db_blocker: Any) -> Iterator[Team]:
    """Level 0: one role migrates, owns everything and serves the application."""
    with django_db_blocker.unblock(), team("one", same=True) as made:
        Author.objects.using(made.app).create(id=1, name="Ann")
        yield made


@pytest.fixture(scope="module")
def hardened(django_db_setup: None, django_db_blocker: Any) -> Iterator[Team]:
    """Level 2: a role for the log, one that migrates, one for the application."""
    with django_db_blocker.unblock(), team("hard") as made:
        made.grant_host_rights()
        made.harden()
        Author.objects.using(made.app).create(id=1, name="Ann")
        yield made


REFUSED, CAPTURED, SEEN, POSSIBLE = "refused", "captured", "seen by audit_doctor", "possible"
FORGE = (
    "INSERT INTO public.audit_plugin_entry (id, context_id, occurred_at, action, channel, model, object_id, object_repr) "
    "SELECT (left(id::text, 24) || right(gen_random_uuid()::text, 12))::uuid, context_id, occurred_at, 'delete', "
    "channel, model, '99', 'forged' FROM public.audit_plugin_entry LIMIT 1"
)
SHADOW = "CREATE FUNCTION pg_temp.{} LANGUAGE sql AS 'SELECT NULL::text'"

#: What is tried, what comes of it under one role for everything, and what comes of it when hardened.
ATTACKS: dict[str, tuple[str, str, str]] = {
    "update": ("UPDATE public.audit_plugin_entry SET actor_id = 'somebody else'", REFUSED, REFUSED),
    "delete": ("DELETE FROM public.audit_plugin_entry", REFUSED, REFUSED),
    "truncate": ("TRUNCATE public.audit_plugin_entry", REFUSED, REFUSED),
    "update a context": ("UPDATE public.audit_plugin_context SET actor_label = 'Eve'", REFUSED, REFUSED),
    "delete from a partition": ("DELETE FROM public.audit_plugin_entry_default", REFUSED, REFUSED),
    "truncate a partition": ("TRUNCATE public.audit_plugin_context_default", REFUSED, REFUSED),
    "merge": (
        "MERGE INTO public.audit_plugin_entry e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        REFUSED,
        REFUSED,
    ),
    "update with pgtrigger.ignore": (
        "SET LOCAL pgtrigger.ignore = '{all}'; UPDATE public.audit_plugin_entry SET actor_id = NULL",
        REFUSED,
        REFUSED,
    ),
    "update as a replica": (
        "SET LOCAL session_replication_role = replica; UPDATE public.audit_plugin_entry SET actor_id = NULL",
        REFUSED,
        REFUSED,
    ),
    "forge": (FORGE, POSSIBLE, REFUSED),
    "forge a context": ("SELECT public.audit_plugin_context_v1(gen_random_uuid(), ':::::')", SEEN, REFUSED),
    "forge with a capture function on a table of one's own": (
        "DO $$ DECLARE f text := (SELECT proname FROM pg_proc WHERE proname ~ '^audit_insert_testapp_author'); BEGIN "
        "CREATE TEMP TABLE bait (LIKE public.testapp_author); EXECUTE format('CREATE TRIGGER t AFTER INSERT ON bait "
        "REFERENCING NEW TABLE AS new_values FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', f); "
        "INSERT INTO bait VALUES (99, 'forged', ''); END $$",
        POSSIBLE,
        REFUSED,
    ),
    "forge a baseline": (
        "SELECT public.audit_plugin_baseline_v1('public.testapp_author', (SELECT obj_description(oid, 'pg_proc')::jsonb"
        "->'content' || '{\"labels\": []}' FROM pg_proc WHERE proname ~ '^audit_insert_testapp_author'), "
        "'public.testapp_author', 0, 1)",
        POSSIBLE,
        REFUSED,
    ),
    "turn the sequence back": ("SELECT setval('public.audit_plugin_entry_seq', 1)", CAPTURED, REFUSED),
    "disable the guard": ("ALTER TABLE public.audit_plugin_entry DISABLE TRIGGER audit_guard", SEEN, REFUSED),
    "disable the guard of a partition": (
        "ALTER TABLE public.audit_plugin_entry_default DISABLE TRIGGER ALL",
        SEEN,
        REFUSED,
    ),
    "drop the guard": ("DROP TRIGGER audit_guard ON public.audit_plugin_context", SEEN, REFUSED),
    "drop the log": ("DROP TABLE public.audit_plugin_entry CASCADE", SEEN, REFUSED),
    "detach the log's partition": (
        "ALTER TABLE public.audit_plugin_entry DETACH PARTITION public.audit_plugin_entry_default",
        SEEN,
        REFUSED,
    ),
    "swallow entries by a rule": (
        "CREATE RULE nothing AS ON INSERT TO public.audit_plugin_entry DO INSTEAD NOTHING",
        SEEN,
        REFUSED,
    ),
    "swallow entries by a trigger": (
        "CREATE TRIGGER swallow BEFORE INSERT ON public.audit_plugin_entry_default FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        SEEN,
        REFUSED,
    ),
    "hide entries by row security": (
        "ALTER TABLE public.audit_plugin_entry ENABLE ROW LEVEL SECURITY",
        SEEN,
        REFUSED,
    ),
    "replace a function of the log": (
        "CREATE OR REPLACE FUNCTION public.audit_plugin_header_v1() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'",
        SEEN,
        REFUSED,
    ),
    "run a capture function as oneself": (
        "DO $$ BEGIN EXECUTE format('ALTER FUNCTION public.%I() SECURITY INVOKER', (SELECT proname FROM pg_proc "
        "WHERE proname ~ '^audit_update_testapp_author')); END $$",
        SEEN,
        REFUSED,
    ),
    "give oneself the right to write": (
        "GRANT INSERT ON public.audit_plugin_entry TO PUBLIC; SELECT 1 / count(*) FROM aclexplode((SELECT relacl "
        "FROM pg_class WHERE relname = 'audit_plugin_entry')) WHERE grantee = 0",
        SEEN,
        REFUSED,
    ),
    "become the owner": (
        "DO $$ BEGIN EXECUTE format('SET LOCAL ROLE %I', current_database() || '_owner'); END $$",
        REFUSED,
        REFUSED,
    ),
    "disable capture": ("ALTER TABLE public.testapp_author DISABLE TRIGGER USER", SEEN, REFUSED),
    "drop a capture function": (
        "DO $$ BEGIN EXECUTE format('DROP FUNCTION public.%I() CASCADE', (SELECT proname FROM pg_proc "
        "WHERE proname ~ '^audit_update_testapp_author')); END $$",
        SEEN,
        REFUSED,
    ),
    "silence capture by a setting": ("SET LOCAL pgtrigger.ignore = '{all}'", CAPTURED, CAPTURED),
    "divert capture into a temporary table": (
        "CREATE TEMP TABLE audit_plugin_entry (LIKE public.audit_plugin_entry); "
        "CREATE TEMP TABLE audit_plugin_context (LIKE public.audit_plugin_context)",
        CAPTURED,
        CAPTURED,
    ),
    "divert capture by the search path": ("SET LOCAL search_path = pg_temp", CAPTURED, CAPTURED),
    "shadow a function of the log": (
        f"{SHADOW.format('audit_plugin_header_v1() RETURNS text')}; SET LOCAL search_path = pg_temp, public",
        CAPTURED,
        CAPTURED,
    ),
    "shadow a function of PostgreSQL": (
        f"{SHADOW.format('current_query() RETURNS text')}; SET LOCAL search_path = pg_temp, pg_catalog, public",
        CAPTURED,
        CAPTURED,
    ),
}


def attack(using: str, statement: str) -> str:
    """Try something and then write to a recorded table; say what came of it. Nothing of it stays."""
    with transaction.atomic(using):
        try:
            return try_and_write(using, statement)
        finally:
            transaction.set_rollback(True, using)


def try_and_write(using: str, statement: str) -> str:
    with connections[using].cursor() as cursor:
        try:
            with transaction.atomic(using):
                cursor.execute(statement)
        except DatabaseError:
            return REFUSED
        if doctor_complains(using):
            return SEEN
        cursor.execute(
            "SELECT count(*) FROM public.audit_plugin_entry WHERE object_repr = 'forged' OR action = 'baseline'"
        )
        if cursor.fetchone()[0]:
            return POSSIBLE
        cursor.execute("UPDATE public.testapp_author SET name = name || '!' WHERE id = 1")
        cursor.execute("SELECT changes->'name' FROM public.audit_plugin_entry WHERE action = 'update'")
        return CAPTURED if cursor.fetchall() == [('["Ann", "Ann!"]',)] else POSSIBLE


def doctor_complains(using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")
    # This database has no more tables than the tests need.
    return any(found.severity != "info" and found.code != "table-missing" for found in doctor.examine(using))


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_on_a_hardened_log(hardened: Team, name: str) -> None:
    statement, _, expected = ATTACKS[name]
    assert attack(hardened.app, statement) == expected


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_where_one_role_does_everything(one_role: Team, name: str) -> None:
    statement, expected, _ = ATTACKS[name]
    assert attack(one_role.app, statement) == expected


SUPERUSER = {
    "replica": ("SET LOCAL session_replication_role = replica", CAPTURED),
    "replica updates the log": (
        "SET LOCAL session_replication_role = replica; UPDATE public.audit_plugin_entry SET actor_id = NULL",
        REFUSED,
    ),
    "replica truncates the log": (
        "SET LOCAL session_replication_role = replica; TRUNCATE public.audit_plugin_context",
        REFUSED,
    ),
    "disable the guard": ("ALTER TABLE public.audit_plugin_entry DISABLE TRIGGER ALL", SEEN),
    "disable capture": ("ALTER TABLE public.testapp_author DISABLE TRIGGER ALL", SEEN),
}


@pytest.mark.parametrize("name", SUPERUSER)
def test_attack_of_a_superuser(hardened: Team, name: str) -> None:
    statement, expected = SUPERUSER[name]
    assert attack(hardened.root, statement) == expected


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
