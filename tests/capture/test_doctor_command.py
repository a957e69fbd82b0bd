"""What audit_doctor prints and how it ends."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from audit_plugin.capture.doctor.findings import KINDS
from tests.capture.damage import execute, months_partitions

pytestmark = pytest.mark.django_db


class TestCommand:
    """What audit_doctor prints and how it ends."""

    def run(self, *arguments: str, **options: Any) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command("audit_doctor", *arguments, stdout=out, no_color=True, **options)
        except SystemExit as ended:
            return int(str(ended.code)), out.getvalue()
        return 0, out.getvalue()

    def test_all_is_well(self) -> None:
        code, said = self.run()
        assert code == 0
        assert 'Database "default": 0 error, 0 warning, ' in said
        assert "Level 0 of 2" in said

    def test_error_says_what_why_and_how(self) -> None:
        execute("ALTER TABLE audit_plugin_entry DISABLE TRIGGER audit_guard")
        code, said = self.run()
        assert code == 1
        assert (
            "ERROR guard-disabled\n  audit_plugin_entry: The trigger that refuses changes doesn't fire always."
            in said
        )
        assert KINDS["guard-disabled"].why in said
        assert "-> Run audit_doctor --fix" in said

    def test_warning_fails_unless_only_errors_are_to(self) -> None:
        execute(f"DROP TABLE {months_partitions('audit_plugin_entry')[-1]}")
        assert self.run()[0] == 1
        assert self.run("--fail-on", "error")[0] == 0

    def test_fix_says_what_it_did_and_what_is_left(self) -> None:
        execute(
            "DROP TRIGGER audit_guard ON audit_plugin_entry; GRANT INSERT ON audit_plugin_entry TO pg_monitor"
        )
        code, said = self.run("--fix")
        assert code == 1
        assert "--fix: Guarded 1 tables.\n" in said or "guard-missing" not in said
        assert "WARNING log-grant" in said
        assert "guard-missing" not in said

    def test_json(self) -> None:
        execute("GRANT INSERT ON audit_plugin_entry TO pg_monitor")
        code, said = self.run("--json")
        content = json.loads(said)
        assert (code, content["database"], content["done"]) == (1, "default", [])
        assert content["findings"][0] == {
            "code": "log-grant",
            "severity": "warning",
            "subject": "audit_plugin_entry",
            "message": "pg_monitor has INSERT on it.",
            "why": KINDS["log-grant"].why,
            "hint": KINDS["log-grant"].hint,
            "fixable": False,
        }

    def test_level_asked_for(self) -> None:
        assert self.run("--level", "0")[0] == 0
        code, said = self.run("--level", "2")
        assert code == 1
        assert "ERROR level" in said

    def test_examination_that_fails(self) -> None:
        with pytest.raises(CommandError, match='no database role "nobody"') as failed:
            self.run("--role", "nobody")
        assert failed.value.returncode == 2

    def test_wrong_settings_come_first(self) -> None:
        with (
            override_settings(AUDIT_MODELS=["no.Such"]),
            pytest.raises(CommandError, match=r"audit_plugin\.E002"),
        ):
            self.run(skip_checks=False)


def test_every_finding_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "commands.md").read_text("utf-8")
    for code, kind in KINDS.items():
        assert f"| `{code}` | {kind.severity} | {'yes' if kind.fixable else 'no'} |" in page
