from __future__ import annotations

import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter
from django.db import DEFAULT_DB_ALIAS
from django.utils.timezone import is_naive, make_aware

import audit_plugin
from audit_plugin import restore
from audit_plugin.restore import Choice, Plan

EPILOG = """
Without --apply nothing changes: the plan is shown, made by doing it all and rolling it back.

  what one entry says, undone:      audit_restore --entry 01a2…
  a record as it was at an entry:   audit_restore --to 01a2…            (right before it: --before)
  a record as it was at a time:     audit_restore --as-of "2026-05-03 09:00" --record shop.book 7
  a deleted record, brought back:   audit_restore --deleted shop.book 7 (with what went along: --with-related)
  a whole request, undone:          audit_restore --undo-request 3f6c…

Then decide the conflicts, if there are any, and run it again with --apply:

  audit_restore --entry 01a2… --on changed_since=overwrite --on parent_missing=restore_parent --apply
"""

#: Seconds after which something is said even though it goes on.
PATIENCE = 2.0


class HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Leaves the examples as they are written."""


class Command(BaseCommand):
    help = (
        "Undoes changes from the audit log: an entry, a record's later changes, a deletion, a whole request."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=EPILOG, formatter_class=HelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--entry", nargs="+", metavar="ID", help="Undo these entries, as one unit.")
        what.add_argument(
            "--to", metavar="ID", help="Put the record back to what it was right after this entry."
        )
        what.add_argument(
            "--as-of", metavar="MOMENT", help="Put the record of --record back to what it was then."
        )
        what.add_argument(
            "--deleted", nargs=2, metavar=("MODEL", "KEY"), help="Bring this deleted record back."
        )
        what.add_argument(
            "--undo-request",
            metavar="ID",
            help="Undo all of a request, task or command, by request or context id.",
        )
        parser.add_argument("--before", action="store_true", help="With --to: right before the entry.")
        parser.add_argument("--record", nargs=2, metavar=("MODEL", "KEY"), help="With --as-of: the record.")
        parser.add_argument(
            "--with-related",
            action="store_true",
            help="Bring back what was deleted along with a record, too.",
        )
        parser.add_argument(
            "--on",
            action="append",
            default=[],
            metavar="CONFLICT=CHOICE",
            help=f"Decide a conflict, by its id, or by its code for all of a kind. Choices: {', '.join(Choice)}.",
        )
        parser.add_argument(
            "--partial", action="store_true", help="Do what can be done; leave conflicts alone."
        )
        parser.add_argument(
            "--validate", action="store_true", help="Have each model validate what is restored."
        )
        parser.add_argument("--apply", action="store_true", help="Do it, after asking.")
        parser.add_argument("--yes", action="store_true", help="With --apply: don't ask.")
        parser.add_argument("--reason", help="Why; kept with the new entries.")
        parser.add_argument("--limit", type=int, default=20, help="How many steps to show (%(default)s).")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="The database's alias.")

    def handle(self, **options: Any) -> None:
        self._began = self._told = time.monotonic()
        choices = choices_of(options["on"])
        try:
            plan = restore.plan(
                ask_of(options),
                resolutions=choices,
                validate=options["validate"],
                using=options["database"],
                progress=self._progress,
            )
            self._show(plan, options["limit"])
            if options["apply"]:
                self._apply(plan, options)
            elif not plan.is_clean:
                raise CommandError(f"{plan.conflict_count:,} conflicts to decide; nothing was changed.")
            elif not plan.is_empty:
                self.stdout.write("Nothing was changed. Run it again with --apply to do it.")
        except restore.RestoreError as error:
            raise CommandError(f"{error} ({error.code})") from error

    def _apply(self, plan: Plan, options: dict[str, Any]) -> None:
        if plan.is_clean or options["partial"]:
            self._ask(options["yes"])
        with audit_plugin.context(source="command", name="audit_restore"):
            result = restore.apply(
                plan, partial=options["partial"], reason=options["reason"], progress=self._progress
            )
        self.stdout.write(self.style.SUCCESS(f"Restored: {result.count:,} new entries in the log."))

    def _ask(self, yes: bool) -> None:
        if yes:
            return
        try:
            answer = input("Do it? [y/N] ")
        except EOFError:
            raise CommandError("There is nobody to ask: add --yes.") from None
        if answer.strip().lower() not in ("y", "yes"):
            raise CommandError("Cancelled; nothing was changed.")

    def _progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._began > PATIENCE and now - self._told > PATIENCE:
            self._told = now
            self.stderr.write(f"{done:,} of {total:,} records …")

    def _show(self, plan: Plan, limit: int) -> None:
        for step in plan.steps[:limit]:
            self.stdout.write(
                f"{step.operation} {step.model} {step.object_id} {step.object_repr}".rstrip()
                + (f"  [left out: {step.conflict}]" if step.conflict else "")
            )
            for field in step.fields:
                left_out = f"  [left out: {field.conflict}]" if field.conflict else ""
                self.stdout.write(f"    {field.field}: {field.now!r} -> {field.becomes!r}{left_out}")
            for sign, keys in (("+", step.added), ("-", step.removed)):
                if keys:
                    self.stdout.write(f"    {step.field}: {sign} {', '.join(map(str, keys))}")
        if plan.step_count > limit:
            self.stdout.write(f"… and {plan.step_count - min(limit, len(plan.steps)):,} more")
        for touch in plan.touched:
            self.stdout.write(f"{touch.effect}: {touch.count:,} × {touch.model}")
        for note in plan.notes:
            self.stdout.write(self.style.WARNING(f"note: {note.message}"))
        for conflict in plan.conflicts[:limit]:
            decided = f"decided: {conflict.resolution}" if conflict.resolution else f"id: {conflict.id}"
            options = ", ".join(conflict.choices) or "none"
            self.stdout.write(
                self.style.ERROR(f"conflict: {conflict.message}") + f"\n    {decided}; choices: {options}"
            )
        if plan.is_empty:
            self.stdout.write("There is nothing to restore: everything is as it was already.")


def ask_of(options: dict[str, Any]) -> restore.Ask:
    """Return what the arguments ask for.

    Raises:
        CommandError: They don't go together.
    """
    if bool(options["as_of"]) != bool(options["record"]):
        raise CommandError("--as-of and --record go together.")
    if options["before"] and not options["to"]:
        raise CommandError("--before goes with --to.")
    related = options["with_related"]
    if options["to"]:
        return restore.Version(options["to"], before=options["before"])
    if options["as_of"]:
        model, key = options["record"]
        return restore.AsOf(model, key, moment_of(options["as_of"]))
    if options["deleted"]:
        model, key = options["deleted"]
        return restore.Deleted(model, key, related)
    if options["undo_request"]:
        return restore.Request(options["undo_request"])
    if len(options["entry"]) == 1:
        return restore.Undo(options["entry"][0], with_related=related)
    return restore.Entries(options["entry"])


def moment_of(text: str) -> datetime:
    """Return a moment; without a time zone it is in the project's.

    Raises:
        CommandError: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f'"{text}" is no moment; write it like "2026-05-03 09:00".') from None
    return make_aware(moment) if is_naive(moment) else moment


def choices_of(given: list[str]) -> dict[str, Choice]:
    """Return the choices given as `conflict=choice`.

    Raises:
        CommandError: One is written otherwise, or there is no such choice.
    """
    found = {}
    for item in given:
        conflict, separator, choice = item.rpartition("=")
        if not separator or choice not in list(Choice):
            raise CommandError(f'--on takes CONFLICT=CHOICE with one of {", ".join(Choice)}; not "{item}".')
        found[conflict] = Choice(choice)
    return found
