"""Plans and applies: the same run, once rolled back and once not."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connections, transaction

from audit_plugin.conf import settings
from audit_plugin.models import Entry
from audit_plugin.restore.access import Access
from audit_plugin.restore.asks import Ask
from audit_plugin.restore.catalog import Catalog
from audit_plugin.restore.codes import Choice, Code, text
from audit_plugin.restore.constraints import check_constraints
from audit_plugin.restore.decisions import Decisions, conflict_id
from audit_plugin.restore.errors import RestoreError
from audit_plugin.restore.passes import Job, Pass
from audit_plugin.restore.plans import Conflict, Plan
from audit_plugin.restore.selection import latest_deletion, select, undo
from audit_plugin.restore.signals import restored, restoring
from audit_plugin.restore.write import sqlstate

T = TypeVar("T")

#: Passes after which a restore that keeps finding more to bring back is given up.
PASSES = 50

#: How often a restore that lost a deadlock, or met a serialisation failure, is tried again.
ATTEMPTS = 4
RETRIED = ("40001", "40P01")


@dataclass
class Options:
    """How a restore is to be done.

    Attributes:
        user: The person whose permissions count; None for the system.
        using: The database alias.
        resolutions: Choices by conflict id or code.
        validate: Whether records go through the validation of their models.
        progress: Told how many records are done, and of how many.
    """

    user: Any
    using: str
    resolutions: Mapping[str, Choice] = field(default_factory=dict)
    validate: bool = False
    progress: Callable[[int, int], None] | None = None


def rehearse(ask: Ask, options: Options) -> Plan:
    """Do it, and roll it back.

    Args:
        ask: What is to be done.
        options: How.
    """

    def run() -> Plan:
        with transaction.atomic(options.using):
            plan = _run(ask, options, dry_run=True)[0]
            transaction.set_rollback(True, using=options.using)
        return plan

    return retrying(options.using, run)


def perform(ask: Ask, options: Options, accept: Callable[[Plan], None], done: Callable[[Plan, Pass], T]) -> T:
    """Do it, and keep it if it is acceptable.

    Args:
        ask: What is to be done.
        options: How.
        accept: Raises an error where the plan must not be carried out.
        done: Makes the result, inside the transaction.
    """

    def run() -> T:
        with transaction.atomic(options.using):
            plan, last = _run(ask, options, dry_run=False, accept=accept)
            return done(plan, last)

    return retrying(options.using, run)


def retrying(using: str, run: Callable[[], T]) -> T:
    """Run a transaction again when it lost a deadlock; say plainly when something is locked.

    Args:
        using: The database alias.
        run: The whole transaction.

    Raises:
        RestoreError: Somebody else holds what is needed (`locked`).
    """
    # Inside the host's transaction, only the host could start again.
    attempts = 1 if connections[using].in_atomic_block else ATTEMPTS
    for attempt in range(1, attempts + 1):
        try:
            return run()
        except DatabaseError as error:
            state = sqlstate(error)
            if state in RETRIED and attempt < attempts:
                time.sleep(0.05 * 2**attempt)
            elif state in (*RETRIED, "55P03"):
                raise RestoreError(Code.LOCKED) from error
            else:
                raise
    raise AssertionError("unreachable")


def _run(
    ask: Ask, options: Options, *, dry_run: bool, accept: Callable[[Plan], None] | None = None
) -> tuple[Plan, Pass]:
    using = options.using
    access = Access(options.user, using)
    log = Entry.objects.using(using)
    job = Job(
        using=using,
        log=log,
        seen=access.log(),
        selection=select(ask, log, access.log()),
        catalog=Catalog(using),
        decisions=Decisions(options.resolutions),
        validate=options.validate,
        progress=options.progress,
    )
    access.check(job.selection)
    timeout = _set_lock_timeout(using, f"{settings.RESTORE_LOCK_TIMEOUT}s")
    for _ in range(PASSES):
        # The function of `transaction` has another name from Django 6.1 on.
        savepoint = connections[using].savepoint() or ""
        plan, last = _pass(ask, options, job, access, dry_run)
        bring_back = last.writer.bring_back
        if not bring_back and not last.writer.again:
            break
        connections[using].savepoint_rollback(savepoint)
        if bring_back:
            _extend(job, access, bring_back)
    else:
        raise RestoreError(Code.CONFLICTS, plan=plan, count=plan.conflict_count)
    if accept is not None:
        accept(plan)
    _set_lock_timeout(using, timeout)
    return plan, last


def _pass(ask: Ask, options: Options, job: Job, access: Access, dry_run: bool) -> tuple[Plan, Pass]:
    known = {"user": options.user, "using": options.using, "dry_run": dry_run}
    last = Pass(job)
    refusal = _send(restoring, type(ask), ask=ask, **known)
    if refusal is None:
        last.go()
    for conflict in access.missing((touch.model, touch.effect) for touch in last.report.touched):
        job.decisions.decide(conflict)
    if refusal is None and not last.writer.again and not last.writer.bring_back:
        refusal = _send(restored, type(ask), plan=_plan(ask, options, job, last), **known)
        # After the hooks, so that what they write is checked too.
        refusal = refusal or check_constraints(options.using)
    if refusal is not None:
        job.decisions.decide(refusal)
    return _plan(ask, options, job, last), last


def _send(signal: Any, sender: type[Ask], **values: Any) -> Conflict | None:
    """Send a signal; what a receiver raises to refuse becomes a conflict that nobody can resolve."""
    try:
        signal.send(sender, **values)
    except (ValidationError, PermissionDenied, RestoreError) as error:
        reason = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        return Conflict(
            id=conflict_id(Code.REFUSED, "hook"), code=Code.REFUSED, message=text("refused", reason=reason)
        )
    return None


def _plan(ask: Ask, options: Options, job: Job, last: Pass) -> Plan:
    decisions, report = job.decisions, last.report
    token = hashlib.sha256(
        json.dumps(
            [
                repr(ask),
                sorted(options.resolutions.items()),
                options.validate,
                report.fingerprint(),
                sorted(decisions.conflicts),
                sorted(decisions.unresolved),
            ]
        ).encode()
    )
    return Plan(
        ask=ask,
        steps=tuple(report.steps),
        step_count=report.step_count,
        conflicts=tuple(decisions.conflicts.values()),
        conflict_count=len(decisions.unresolved),
        notes=report.notes,
        touched=report.touched,
        clean_count=report.clean_count,
        token=token.hexdigest(),
        resolutions=dict(options.resolutions),
        validate=options.validate,
        using=options.using,
        user=options.user,
    )


def _extend(job: Job, access: Access, records: list[tuple[str, str]]) -> None:
    """Let deleted records come back as well."""
    for label, key in dict.fromkeys(records):
        entry = latest_deletion(job.seen, label, key)
        if entry is not None:
            job.selection.add(undo(entry, job.log), job.log)
    access.check(job.selection)
    job.decisions.start_over()


def _set_lock_timeout(using: str, value: str) -> str:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        before = str(cursor.fetchone()[0])
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [value])
    return before
