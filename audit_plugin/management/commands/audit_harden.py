from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from audit_plugin.capture import hardening
from audit_plugin.capture.level import HIGHEST, level
from audit_plugin.capture.roles import Roles, choose_roles
from audit_plugin.capture.schema import log_schema
from audit_plugin.conf import settings
from audit_plugin.exceptions import AuditError


class Command(BaseCommand):
    help = (
        "Hands the audit log to a database role of its own, so that the role of the application can read it and no more. "
        "Safe to repeat. See docs/how-to/harden.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="The database's alias.")
        parser.add_argument(
            "--runtime-role",
            action="append",
            default=[],
            help="The role that the application logs in as; may be repeated. By default the one of this connection.",
        )
        parser.add_argument(
            "--migrator-role",
            action="append",
            default=[],
            help="The role that runs migrations; may be repeated. By default the one of this connection.",
        )
        parser.add_argument(
            "--owner-role", default="", help="The role that is to own the log (AUDIT_OWNER_ROLE)."
        )
        parser.add_argument("--dry-run", action="store_true", help="Only print the SQL.")
        parser.add_argument(
            "--undo", action="store_true", help="Hand the log back to the role that runs migrations."
        )

    def handle(
        self,
        *,
        database: str,
        runtime_role: list[str],
        migrator_role: list[str],
        owner_role: str,
        dry_run: bool,
        undo: bool,
        **options: Any,
    ) -> None:
        try:
            roles = choose_roles(
                database,
                owner=owner_role or settings.OWNER_ROLE,
                runtime=runtime_role,
                migrators=migrator_role,
                undo=undo,
            )
            statements = (hardening.undo_plan if undo else hardening.plan)(database, roles)
            for statement in statements:
                self.stdout.write(f"{statement};")
            if dry_run:
                return
            hardening.run(database, statements)
        except (AuditError, DatabaseError) as error:
            raise CommandError(str(error).strip()) from error
        if not statements:
            self.stdout.write("Nothing to do.")
        if not undo:
            self.report(database, roles)

    def report(self, database: str, roles: Roles) -> None:
        """Print the level reached against each role of the application."""
        with connections[database].cursor() as cursor:
            for role in roles.runtime:
                reached = level(cursor, str(log_schema(database)), role)
                if reached is None:
                    continue
                style = self.style.SUCCESS if reached.number == HIGHEST else self.style.WARNING
                self.stdout.write(style(f'Level {reached.number} of {HIGHEST} against "{role}".'))
                for reason in reached.reasons:
                    self.stdout.write(f"- It {reason}.")
