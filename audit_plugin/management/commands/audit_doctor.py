from __future__ import annotations

import json
import textwrap
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from audit_plugin.capture import doctor
from audit_plugin.capture.level import HIGHEST
from audit_plugin.events import coverage
from audit_plugin.exceptions import AuditError

EXIT_CODES = (
    "Exit code: 0 all is well, 1 there are findings of the severity asked for, 2 the examination failed."
)
STYLES = {"error": "ERROR", "warning": "WARNING", "info": "NOTICE"}


class Command(BaseCommand):
    help = (
        "Examines the audit log: triggers, guards, partitions, rights, what is recorded and what is not. "
        + EXIT_CODES
    )
    # What is wrong with the settings is reported as any command does, before the examination.
    requires_system_checks = ["audit"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="The database's alias.")
        parser.add_argument("--fix", action="store_true", help="Mend what can be mended, then examine again.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Print the findings as JSON.")
        parser.add_argument(
            "--fail-on",
            choices=["warning", "error"],
            default="warning",
            help="The least severity that makes the exit code 1 (%(default)s).",
        )
        parser.add_argument(
            "--role", help="The role that the application works under; by default the one logged in."
        )
        parser.add_argument(
            "--level",
            type=int,
            choices=range(HIGHEST + 1),
            default=0,
            help="The least level of hardening to accept (0).",
        )

    def handle(
        self,
        *,
        database: str,
        fix: bool,
        as_json: bool,
        fail_on: str,
        role: str | None,
        level: int,
        **options: Any,
    ) -> None:
        coverage.compare_quietly(database)
        try:
            done = list(doctor.mend(database)) if fix else []
            findings = list(doctor.examine(database, role=role, level=level))
        except (AuditError, DatabaseError) as error:
            raise CommandError(f"The examination failed: {str(error).strip()}", returncode=2) from error
        findings.sort(key=lambda finding: -doctor.SEVERITIES.index(finding.severity))
        (self.print_json if as_json else self.print_text)(database, done, findings)
        limit = doctor.SEVERITIES.index(fail_on)
        if any(doctor.SEVERITIES.index(finding.severity) >= limit for finding in findings):
            # Said already; a traceback or a second message would only bury it.
            raise SystemExit(1)

    def print_json(self, database: str, done: list[str], findings: list[doctor.Finding]) -> None:
        """Print what machines read."""
        content = {
            "database": database,
            "done": done,
            "findings": [finding.as_dict() for finding in findings],
        }
        self.stdout.write(json.dumps(content, indent=2))

    def print_text(self, database: str, done: list[str], findings: list[doctor.Finding]) -> None:
        """Print what people read: each kind of finding with why it matters and what to do."""
        for text in done:
            self.stdout.write(f"--fix: {text}")
        codes = dict.fromkeys(finding.code for finding in findings)
        for code in codes:
            of_code = [finding for finding in findings if finding.code == code]
            severity = of_code[0].severity
            label = getattr(self.style, STYLES[severity])(severity.upper())
            self.stdout.write(f"\n{label} {code}")
            for finding in of_code:
                self.stdout.write(f"  {finding.subject}: {finding.message}".replace("\n", "\n    "))
            kind = of_code[0].kind
            for text in (kind.why, f"-> {kind.hint}"):
                self.stdout.write(textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="     "))
        counts = Counter(finding.severity for finding in findings)
        total = ", ".join(f"{counts[name]} {name}" for name in reversed(doctor.SEVERITIES))
        self.stdout.write(f'\nDatabase "{database}": {total}.')
