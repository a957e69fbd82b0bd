from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

import audit_plugin
from audit_plugin.capture import baseline
from audit_plugin.capture.schema import log_schema
from audit_plugin.capture.spec import RecordSpec
from audit_plugin.events import coverage
from audit_plugin.exceptions import AuditError


class Command(BaseCommand):
    help = (
        "Records the rows that are older than the audit log as they are now, so that the first change of each can be undone. "
        "Can be stopped at any time: run again, it goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "models", nargs="*", help='Models to record, such as "shop.Book" or "shop.*". By default all.'
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="The database's alias.")
        parser.add_argument(
            "--batch-size",
            type=int,
            default=baseline.BATCH_SIZE,
            help="About how many rows go into one transaction (%(default)s). Its rows can't be changed meanwhile.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Only count the rows that would be recorded."
        )

    def handle(
        self, *, models: list[str], database: str, batch_size: int, dry_run: bool, **options: Any
    ) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size must be at least 1.")
        if log_schema(database) is None:
            raise CommandError(f'There is no audit log in the database "{database}". Run migrate first.')
        coverage.compare_quietly(database)
        left = 0
        try:
            for spec in baseline.wanted(database, models):
                with audit_plugin.context(source="command", name="audit_baseline"):
                    left += self.record(database, spec, batch_size, dry_run)
        except AuditError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What is recorded stays; run it again to go on.", returncode=130
            ) from None
        if left and not dry_run:
            raise CommandError(f"{left:,} rows were locked by others all the time. Run it again for those.")

    def record(self, database: str, spec: RecordSpec, batch_size: int, dry_run: bool) -> int:
        """Record one model's rows, showing how far it got.

        Returns:
            The number of rows that still have no entry.
        """
        walk = baseline.count if dry_run else baseline.record
        began = time.monotonic()
        last = baseline.Progress(0, 0)
        for last in walk(database, spec, batch_size=batch_size):
            if self.stdout.isatty():
                self.stdout.write(f"\r{line(spec, last, time.monotonic() - began)}\033[K", ending="")
                self.stdout.flush()
        seconds = time.monotonic() - began
        done = f"{last.left:,} rows to record" if dry_run else f"{last.recorded:,} rows recorded"
        rate = f" in {clock(seconds)}, {last.recorded / seconds:,.0f}/s" if last.recorded else ""
        start = "\r\033[K" if self.stdout.isatty() else ""
        self.stdout.write(f"{start}{spec.model._meta.label}: {done}{rate}")
        return last.left


def line(spec: RecordSpec, progress: baseline.Progress, seconds: float) -> str:
    """Return the line that shows where the work is: share, rows, rate, time left."""
    share = progress.pages / max(progress.of, 1)
    doing = (
        "checking"
        if progress.checking
        else f"{progress.recorded:,} rows, {progress.recorded / seconds:,.0f}/s"
    )
    left = "" if progress.checking else f", {clock(seconds / share - seconds)} left"
    return f"{spec.model._meta.label}: {share:4.0%}  {doing}{left}"


def clock(seconds: float) -> str:
    """Return a duration as `m:ss` or `h:mm:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
