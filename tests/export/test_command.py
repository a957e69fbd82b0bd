"""`manage.py audit_export`."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpRequest
from django.test import override_settings

from audit_plugin.context.ids import uuid7
from audit_plugin.export.progress import Progress
from audit_plugin.models import Context, Entry
from audit_plugin.visibility import Refusal
from tests.conftest import Log
from tests.export.conftest import TENANT, add_entry, add_many
from tests.export.test_record import ends
from tests.servers import ROOT

MINE = f"tenant={TENANT}"


def run(output: Path | str, *filters: str, **options: Any) -> None:
    call_command("audit_export", output=str(output), filter=[MINE, *filters], **options)


@pytest.mark.django_db
def test_a_file(ann: Context, log: Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_entry(ann), add_entry(ann)
    run(tmp_path / "log.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "log.csv").read_text("utf-8-sig"), newline="")))
    assert rows[0] == ["Date & Time", "User", "Action", "Table", "Changes"] and len(rows) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]
    assert "2 entries" in capsys.readouterr().err
    [details] = ends(log)
    assert (details["count"], details["complete"], details["filters"]) == (2, True, {"tenant": TENANT})


@pytest.mark.django_db
@pytest.mark.skipif(os.name != "posix", reason="permissions of files")
def test_only_its_owner_can_read_the_file(ann: Context, tmp_path: Path) -> None:
    run(tmp_path / "log.csv")
    assert stat.S_IMODE((tmp_path / "log.csv").stat().st_mode) == 0o600


@pytest.mark.django_db
def test_standard_output(ann: Context, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    entry = add_entry(ann)
    run("-", format="ndjson", columns="id,timestamp", verbosity=0)
    out, err = capfdbinary.readouterr()
    assert json.loads(out) == {"id": str(entry.pk), "timestamp": "2026-01-15T13:30:45.123456Z"}
    assert err == b""


@pytest.mark.django_db
def test_filters_and_dates(ann: Context, tmp_path: Path) -> None:
    add_entry(ann)
    entry = add_entry(ann, object_id="a=b")
    today = entry.id.int >> 80
    day = time.strftime("%Y-%m-%d", time.gmtime(today / 1000))
    run(tmp_path / "one", "record=a=b", "action=update", since=day, until=day, format="ndjson", columns="id")
    assert json.loads((tmp_path / "one").read_text())["id"] == str(entry.pk)


@pytest.mark.django_db
def test_the_name_of_a_download_by_default(
    ann: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call_command("audit_export", filter=[MINE], verbosity=0)
    [path] = tmp_path.iterdir()
    assert path.name.startswith("audit-logs-") and path.suffix == ".csv"


@pytest.mark.django_db
def test_a_file_is_not_replaced_unasked(ann: Context, tmp_path: Path, log: Log) -> None:
    path = tmp_path / "log.csv"
    path.write_text("precious")
    with pytest.raises(CommandError, match=r"exists\. Use --force"):
        run(path)
    assert path.read_text() == "precious" and ends(log) == []
    run(path, force=True)
    assert path.read_text("utf-8-sig").startswith("Date & Time")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filter": ["foo=1"]}, "There is no filter foo"),
        ({"filter": ["action"]}, "Write --filter action=VALUE"),
        ({"since": "2026-02-31"}, "since: There is no such date"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "The end is before the start"),
        ({"format": "pdf"}, "no format “pdf”"),
        ({"columns": "foo"}, "no column “foo”"),
        ({"user": "nobody"}, "There is no user 'nobody'"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("audit_export", output=str(tmp_path / "x"), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_as_a_user_the_same_rules_hold(exporter: User, ann: Context, log: Log, tmp_path: Path) -> None:
    entry = add_entry(ann)
    add_entry(ann, model="testapp.book")
    run(tmp_path / "x", user="exporter", format="ndjson", columns="id")
    assert json.loads((tmp_path / "x").read_text())["id"] == str(entry.pk)
    # Who sat at the keyboard is not that user, so the log doesn't say so.
    [end] = log(action="audit.exported")
    assert end.details["as_user"] == str(exporter.pk) and end.actor_id != str(exporter.pk)
    exporter.user_permissions.clear()
    with pytest.raises(CommandError, match="You may not export"):
        run(tmp_path / "y", user="exporter")


def closed(request: HttpRequest) -> Refusal | None:
    return Refusal("Closed for exporters.") if request.user.get_username() == "exporter" else None


@pytest.mark.django_db
@override_settings(AUDIT_GATE=closed)
def test_the_gate_holds_for_a_user(exporter: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Closed for exporters"):
        run(tmp_path / "x", user="exporter")


@pytest.mark.django_db
@override_settings(AUDIT_EXPORT_XLSX_CAP=1)
def test_a_workbook_says_that_it_is_not_complete(
    ann: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_entry(ann), add_entry(ann)
    run(tmp_path / "x.xlsx", format="xlsx")
    assert "the file holds the newest 1 only" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_place_that_can_t_be_written(ann: Context, tmp_path: Path, log: Log) -> None:
    with pytest.raises(CommandError, match="The export failed after 0 entries"):
        run(tmp_path / "missing" / "log.csv")
    assert ends(log)[0]["complete"] is False


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("audit_plugin.export.progress.time.monotonic", lambda: now)
    out = Terminal()
    progress = Progress(out, expected=30_000)
    progress.show(1)
    assert out.getvalue() == ""
    now += 10
    progress.show(10_000)
    assert out.getvalue() == "10,000 entries, 1,000 a second, about 0:20 left\r"
    now += 3700
    progress.finish(30_000)
    assert out.getvalue().split("\r")[1].rstrip() == "30,000 entries, 1:01:50"


@pytest.fixture
def tenant(transactional_db: None) -> Iterator[str]:
    name = f"{TENANT}-{uuid7()}"
    add_many(name, 20_000)
    yield name


class Command:
    """The command as a process of its own, on the test's database."""

    def __init__(self, tenant: str, *arguments: str, **options: Any) -> None:
        environment = {
            **os.environ,
            "DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "DJANGO_SETTINGS_MODULE": "tests.export.server_settings",
            "PYTHONPATH": str(ROOT),
        }
        command = [
            "-m",
            "django",
            "audit_export",
            "--filter",
            f"tenant={tenant}",
            "--format",
            "ndjson",
            *arguments,
        ]
        self.process = subprocess.Popen(
            [sys.executable, *command], env=environment, stderr=subprocess.PIPE, **options
        )

    def wait_for(self, folder: Path) -> None:
        """Wait until it has begun to write into a folder."""
        deadline = time.monotonic() + 60
        while not any(path.stat().st_size for path in folder.iterdir()) and time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.stderr.read()  # type: ignore[union-attr]
            time.sleep(0.005)

    def finish(self) -> tuple[int, str]:
        _out, err = self.process.communicate(timeout=60)
        return self.process.returncode, err.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            signal.SIGINT,
            # A shell starts what runs in the background that way, and children inherit it.
            marks=pytest.mark.skipif(
                signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="SIGINT is ignored here"
            ),
        ),
        signal.SIGTERM,
    ],
)
def test_being_stopped_leaves_no_file(tenant: str, log: Log, tmp_path: Path, number: int) -> None:
    # So many that it is still at it when it is told to stop.
    add_many(tenant, 80_000)
    command = Command(tenant, "--columns", "extended", "--output", str(tmp_path / "log"))
    command.wait_for(tmp_path)
    command.process.send_signal(number)
    code, err = command.finish()
    assert code == 130, err
    assert "No file was left" in err
    assert list(tmp_path.iterdir()) == []
    [details] = ends(log)
    assert details["complete"] is False and details["count"] < 100_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(os.name != "posix", reason="pipes")
def test_a_pipe_that_breaks(tenant: str, log: Log) -> None:
    command = Command(tenant, "--output", "-", stdout=subprocess.PIPE)
    assert command.process.stdout is not None
    assert command.process.stdout.read(100_000)
    command.process.stdout.close()
    command.process.stdout = None
    code, err = command.finish()
    assert code == 1
    assert "has stopped reading" in err and "Traceback" not in err and "Exception ignored" not in err
    assert ends(log)[0]["complete"] is False


@pytest.mark.django_db(transaction=True)
def test_the_whole_in_a_process_of_its_own(tenant: str, log: Log, tmp_path: Path) -> None:
    code, err = Command(tenant, "--output", str(tmp_path / "log")).finish()
    assert code == 0, err
    assert (tmp_path / "log").read_bytes().count(b"\n") == 20_000
    [end] = log(action="audit.exported")
    assert end.details["complete"] is True
    assert (end.context.source, end.context.name) == ("command", "audit_export")
    assert Entry.objects.filter(pk=end.details["started"]).exists()
