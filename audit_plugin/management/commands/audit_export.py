"""Export the audit log to a file or the standard output."""

from __future__ import annotations

import json
import os
import signal
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest

from audit_plugin.export import (
    DATE_FORMATS,
    FORMATS,
    SELECTIONS,
    Export,
    ExportError,
    ExportStream,
    plan,
    plan_for,
)
from audit_plugin.export.progress import Progress
from audit_plugin.export.target import STDOUT, opened
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry

EPILOG = """
The filters are those of the log's page, by their names in its address: actor, action, model, channel,
record, tenant, since, until, period, search, request, context, restored, related, event, and those of AUDIT_FILTERS.

  manage.py audit_export --since 2026-01-01 --filter model=shop.order --output orders.csv
  manage.py audit_export --format ndjson --columns extended --output - | gzip > log.gz
"""


class Command(BaseCommand):
    help = "Exports the audit log. The export is itself recorded in the log, also when it breaks off."

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        return super().create_parser(
            *args, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", default="csv", help=f"one of {', '.join(FORMATS)} (default: csv)")
        parser.add_argument(
            "--columns", help=f"{', '.join(SELECTIONS)}, or names of columns with commas between"
        )
        parser.add_argument("--dates", choices=DATE_FORMATS, help="how “Date & Time” is written")
        parser.add_argument(
            "--filter", action="append", default=[], metavar="NAME=VALUE", help="may be given several times"
        )
        parser.add_argument("--since", help="the first day, or moment, as 2026-12-31 or in ISO 8601")
        parser.add_argument("--until", help="the last day, or moment, included")
        parser.add_argument(
            "--user", help="export what this user may see, if they may export (default: everything)"
        )
        parser.add_argument(
            "--output", metavar="FILE", help="the file, or - for the standard output (default: as a download)"
        )
        parser.add_argument("--force", action="store_true", help="replace a file that exists")
        parser.add_argument(
            "--database", default=None, help="the database alias (default: where entries are read)"
        )

    def handle(self, **options: Any) -> None:
        try:
            export = self._plan(options)
        except ExportError as error:
            raise CommandError(str(error)) from None
        path = options["output"] or export.filename
        if path != STDOUT and Path(path).exists() and not options["force"]:
            raise CommandError(f"{path} exists. Use --force to replace it.")
        if path == STDOUT and sys.stdout.isatty() and export.format.capped:
            raise CommandError(f"A terminal can't show {export.format.label}. Use --output FILE.")
        # So that being told to stop ends like Ctrl-C: tidily.
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            count = self._write(export, path, quiet=options["verbosity"] == 0)
        finally:
            signal.signal(signal.SIGTERM, before)
        if export.truncated:
            self.stderr.write(f"More entries match: the file holds the newest {count:,} only.")

    def _plan(self, options: dict[str, Any]) -> Export:
        given = self._filter(options)
        choices = {name: options[name] for name in ("format", "columns", "dates")}
        if options["user"] is None:
            return plan_for(Entry.objects.using(options["database"]).all(), given, **choices)
        user_model: Any = get_user_model()
        try:
            user = user_model._default_manager.get_by_natural_key(options["user"])
        except user_model.DoesNotExist:
            raise CommandError(f"There is no user {options['user']!r}.") from None
        # The host's gate may look at the person, whatever way they come.
        request = HttpRequest()
        request.user = user
        export = plan(user, given, request=request, using=options["database"], **choices)
        export.details = {"as_user": str(user.pk)}
        return export

    def _filter(self, options: dict[str, Any]) -> EntryFilter:
        data = {name: options[name] for name in ("since", "until") if options[name]}
        for item in options["filter"]:
            name, equals, value = item.partition("=")
            if not equals:
                raise CommandError(f"Write --filter {name}=VALUE.")
            data[name] = value
        given, errors = EntryFilter.parse(data)
        if unknown := sorted(set(data) - set(given.query()) - set(errors)):
            raise CommandError(f"There is no filter {', '.join(unknown)}.")
        if errors:
            raise CommandError(" ".join(f"{name}: {error}" for name, error in errors.items()))
        return given

    def _write(self, export: Export, path: str, *, quiet: bool) -> int:
        stream = ExportStream(export)
        progress = None if quiet else Progress(sys.stderr, expected(export))
        try:
            with opened(path) as file:
                for chunk in stream:
                    file.write(chunk)
                    if progress:
                        progress.show(stream.count)
        except BrokenPipeError:
            stream.close()
            # Python would complain once more when it flushes the pipe at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise CommandError("Whoever read the export has stopped reading.") from None
        except KeyboardInterrupt:
            stream.close()
            self.stderr.write(f"\nStopped after {stream.count:,} entries. No file was left.")
            raise SystemExit(130) from None
        except (DatabaseError, InterfaceError, OSError, ExportError) as error:
            stream.close()
            raise CommandError(f"The export failed after {stream.count:,} entries: {error}") from error
        if progress:
            progress.finish(stream.count)
        return stream.count


def expected(export: Export) -> int:
    """Return how many entries the planner expects: at once, and near enough to tell how long it will take."""
    text = export.entries.order_by().explain(format="json")
    rows = int(json.loads(text)[0]["Plan"]["Plan Rows"])
    return min(rows, export.cap) if export.format.capped else rows


def _stop(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
