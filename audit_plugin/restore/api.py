"""`plan` and `apply`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connections, router

from audit_plugin.context import context
from audit_plugin.context.actors import describe
from audit_plugin.context.resolve import resolved
from audit_plugin.events import Event, write_events
from audit_plugin.models import Entry
from audit_plugin.restore.asks import Ask
from audit_plugin.restore.codes import Choice, Code
from audit_plugin.restore.engine import Options, perform, rehearse
from audit_plugin.restore.errors import RestoreError
from audit_plugin.restore.passes import Pass
from audit_plugin.restore.plans import Plan, Result
from audit_plugin.restore.selection import id_floor

Progress = Callable[[int, int], None]

#: How many ids of new entries a result holds.
LISTED = 1000


def plan(
    ask: Ask,
    *,
    user: Any = None,
    resolutions: Mapping[str, Choice | str] | None = None,
    validate: bool = False,
    using: str | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Find out what a restore would do, by doing it and rolling it back.

    Args:
        ask: What is to be restored: `Undo`, `Version`, `AsOf`, `Deleted`, `Request` or `Entries`.
        user: The person who asks: what they may see and write is respected. None stands for the system.
        resolutions: Choices for conflicts, by the conflict's id, or by a code for all conflicts of that kind.
        validate: Whether each record has to pass the validation of its model (`full_clean`).
        using: The database alias; by default the one that entries are written to.
        progress: Called now and then with the number of records done and of all records.

    Raises:
        RestoreError: There is nothing that could be planned: `not_found`, `not_yet`, `pruned`, `nothing`,
            `no_permission`, `locked`. Everything else is a conflict in the plan.

    Example:
        plan = restore.plan(restore.Undo(entry), user=request.user)
        if plan.is_clean:
            restore.apply(plan, reason="entered twice")
    """
    return rehearse(ask, _options(user, resolutions, validate, using, progress))


def apply(
    what: Plan | Ask,
    *,
    token: str | None = None,
    user: Any = None,
    resolutions: Mapping[str, Choice | str] | None = None,
    validate: bool = False,
    using: str | None = None,
    reason: str | None = None,
    partial: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Restore, all of it or nothing, in one transaction.

    The run is the one that made the plan, with the records locked. If it doesn't come to the same plan, because something
    changed since, nothing is done.

    Args:
        what: A plan, which brings its own user, resolutions, validation and database; or an ask.
        token: The token of the plan that somebody confirmed, where `what` is an ask. None: whatever the plan turns
            out to be.
        user: See `plan`.
        resolutions: See `plan`.
        validate: See `plan`.
        using: See `plan`.
        reason: Why, in the words of the person. Kept in the context of the new entries.
        partial: Whether to do what can be done where conflicts remain: fields and records in conflict stay as they are.
        progress: See `plan`.

    Raises:
        RestoreError: Nothing was restored: `conflicts`, `stale`, `nothing`, and what `plan` raises.
    """
    if isinstance(what, Plan):
        ask, token = what.ask, what.token
        options = Options(what.user, what.using, what.resolutions, what.validate, progress)
    else:
        ask, options = what, _options(user, resolutions, validate, using, progress)

    def accept(found: Plan) -> None:
        if token is not None and found.token != token:
            raise RestoreError(Code.STALE, plan=found)
        blocked = [conflict for conflict in found.conflicts if not conflict.choices]
        if found.conflict_count and (not partial or blocked):
            raise RestoreError(Code.CONFLICTS, plan=found, count=found.conflict_count)
        if not found.clean_count:
            key = "nothing_clean" if found.conflict_count else "nothing"
            raise RestoreError(Code.NOTHING, key, plan=found)

    begun = _moment(options.using)

    def done(found: Plan, last: Pass) -> Result:
        _record_unrecorded(found)
        entries = Entry.objects.using(options.using).filter(
            pk__gte=id_floor(begun), occurred_at__gte=begun, restored_from__in=last.writer.sources
        )
        ids = tuple(entries.order_by("id").values_list("pk", flat=True)[:LISTED])
        return Result(found, entries.count(), ids)

    with _acting(options.user, reason):
        return perform(ask, options, accept, done)


def _options(
    user: Any,
    resolutions: Mapping[str, Choice | str] | None,
    validate: bool,
    using: str | None,
    progress: Progress | None,
) -> Options:
    chosen = {key: Choice(choice) for key, choice in (resolutions or {}).items()}
    return Options(user, using or router.db_for_write(Entry), chosen, validate, progress)


def _acting(user: Any, reason: str | None) -> context:
    """Say who restores. A context that names the person already is kept, with all that it knows besides."""
    given: dict[str, Any] = {"reason": reason} if reason else {}
    if user is not None and resolved().actor.id != describe(user).id:
        given["actor"] = user
    return context(**given)


def _moment(using: str) -> datetime:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _record_unrecorded(plan: Plan) -> None:
    """Leave one entry about each model of which nothing else tells that it was restored."""
    unrecorded = {note.model for note in plan.notes if note.code == Code.NOT_RECORDED}
    write_events(
        [
            Event(
                "audit.restored",
                "audit",
                model,
                details={"ask": repr(plan.ask), "records": _count(plan, model)},
            )
            for model in sorted(unrecorded)
        ],
        using=plan.using,
    )


def _count(plan: Plan, model: str) -> int:
    return sum(touch.count for touch in plan.touched if touch.model == model)
