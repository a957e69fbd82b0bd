from __future__ import annotations

import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from audit_plugin import rollup
from audit_plugin.capture.schema import log_schema
from audit_plugin.exceptions import AuditError
from audit_plugin.finder.closing import Closing

EXAMPLES = """
examples:
  manage.py audit_optimise                    every night, from cron
  manage.py audit_optimise --dry-run          what there is to do
  manage.py audit_optimise --recount          after entries were removed from the log

Nothing depends on it but speed: every entry is found without it, and counted within the newest 20,000. Writers
never wait for it. The first run over a large log takes about a minute for each million entries.
"""


class Command(BaseCommand):
    help = (
        "Keeps reading the audit log fast: counts the entries that are new, for choices and the histogram, and gives months "
        "that are over the index by which any combination of filters finds entries. Safe to stop and to repeat. Run it as "
        "the role that runs your migrations."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.epilog = EXAMPLES
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="The database's alias.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what there is to do.")
        parser.add_argument(
            "--recount",
            action="store_true",
            help="Forget the counts and count the whole log anew. Until that is done, choices and histogram are incomplete.",
        )

    def handle(self, *, database: str, dry_run: bool, recount: bool, **options: Any) -> None:
        if log_schema(database) is None:
            raise CommandError(f'There is no audit log in the database "{database}". Run migrate first.')
        try:
            if dry_run:
                self.plan(database)
                return
            if recount:
                rollup.start_anew(database)
            self.count(database)
            self.index(database)
        except (AuditError, DatabaseError) as error:
            raise CommandError(str(error).strip()) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What is done stays; run it again to go on.", returncode=130
            ) from None

    def plan(self, database: str) -> None:
        """Say what there is to do."""
        self.stdout.write(f"Entries to count: at most {rollup.behind(database):,}")
        months = [month.name for month in Closing(database).due()]
        self.stdout.write(f"Months to index: {len(months)}{': ' if months else ''}{', '.join(months)}")

    def count(self, database: str) -> None:
        """Count what is new."""
        began, total, done = time.monotonic(), rollup.behind(database), 0
        for done in rollup.catching_up(database):
            self.show(f"Counting: {done / max(total, done):4.0%}  {done:,} of {max(total, done):,}")
        rate = f", {done / (time.monotonic() - began):,.0f}/s" if done else ""
        self.done(f"Counted: {done:,} entries{rate}")
        if left := rollup.behind(database):
            self.stdout.write(f"{left:,} are left: transactions that write to the log are still open.")

    def index(self, database: str) -> None:
        """Index the months that need it."""
        began = time.monotonic()

        def tell(name: str, number: int, of: int) -> None:
            nonlocal began
            began = time.monotonic()
            self.show(f"Indexing: {name} ({number} of {of})")

        months = 0
        for name in Closing(database).run(tell):
            months += 1
            self.done(f"Indexed: {name}, {time.monotonic() - began:.1f} s")
        if not months:
            self.done("Indexed: nothing to do")

    def show(self, line: str) -> None:
        """Write a line that the next one replaces, where somebody is looking."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{line}\033[K", ending="")
            self.stdout.flush()

    def done(self, line: str) -> None:
        """Write a line that stays."""
        self.stdout.write(f"\r\033[K{line}" if self.stdout.isatty() else line)
