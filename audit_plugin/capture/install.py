"""Puts the log and its triggers into a database, and keeps them as the models and settings want them.

Triggers are derived state, like Django's permissions: `migrate` brings them about, no migration file of the host names
them. While migrations run, the functions read the columns anew for each statement; afterwards they are built for the
columns that are there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connections, transaction

from audit_plugin.capture import drift
from audit_plugin.capture.columns import quote
from audit_plugin.capture.privileges import let_owner_read, owner_of_log, stay_hardened
from audit_plugin.capture.registry import tracked_models
from audit_plugin.capture.schema import install_functions, install_tables, log_schema
from audit_plugin.capture.spec import Spec, specs
from audit_plugin.capture.trigger import CaptureTrigger, generic_source, replace_function, triggers
from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError


@dataclass
class Report:
    """What an installation did, by names of triggers.

    Attributes:
        created: Triggers or functions made or brought up to date.
        dropped: Triggers of tables that are no longer recorded.
    """

    created: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def install(using: str) -> Report:
    """Bring the log and all capture triggers of one database to what models and settings say.

    Args:
        using: The database alias.

    Returns:
        What was done; empty lists where all was right already.

    Raises:
        NotCapturedError: A model's table has no triggers; nothing was changed for it.
    """
    schema = install_tables(using)
    install_functions(using, schema)
    wanted = list(specs(using)) if settings.CAPTURE else []
    report = Report()
    names = {trigger.pgid for spec in wanted for trigger in triggers(spec)}
    with transaction.atomic(using), connections[using].cursor() as cursor:
        stay_hardened(cursor, schema)
        state = drift.read_state(cursor, schema)
        let_owner_read(cursor, schema, (spec.table for spec in wanted))
    for spec in wanted:
        report.created += install_triggers(using, schema, spec, names, state)
    report.dropped = _drop_all_but(using, schema, names)
    return report


def install_triggers(
    using: str,
    schema: str,
    spec: Spec,
    names: Collection[str] | None = None,
    state: drift.State | None = None,
) -> list[str]:
    """Bring the triggers of one recorded table up to date, touching nothing that is right already.

    Args:
        using: The database alias.
        schema: The quoted schema of the log.
        spec: The recorded table.
        names: The names of all triggers that are wanted anywhere. Others on this table, as after it was renamed, are
            dropped in the same transaction, so that no write is recorded twice.
        state: What the catalog says, where it was read already.

    Returns:
        The names of the triggers that were made or changed.
    """
    changed = []
    with transaction.atomic(using), connections[using].cursor() as cursor:
        state = state or drift.read_state(cursor, schema)
        for table, name in state.enabled:
            if names is not None and table == spec.table.sql and name not in names:
                cursor.execute(f"DROP TRIGGER IF EXISTS {quote(name)} ON {table}")
        for trigger in triggers(spec):
            if drift.function_problem(cursor, schema, state, trigger):
                with owner_of_log(cursor, schema):
                    cursor.execute(trigger.function_sql(cursor, schema))
                changed.append(trigger.pgid)
            for table in trigger.carriers:
                if problem := drift.trigger_problem(state, trigger, table):
                    _mend_trigger(cursor, schema, trigger, table, problem)
                    changed.append(trigger.pgid)
    return changed


def generalise(using: str) -> list[str]:
    """Make the installed functions read the columns when they run, ahead of migrations.

    Replacing a function takes no lock on any recorded table.

    Args:
        using: The database alias.

    Returns:
        The names of the functions replaced.
    """
    schema = log_schema(using)
    if schema is None:
        return []
    replaced = []
    with transaction.atomic(using), connections[using].cursor() as cursor, owner_of_log(cursor, schema):
        for name, function in drift.read_state(cursor, schema).functions.items():
            # The function of TRUNCATE reads the columns at any time.
            if function.description is None or function.description["form"] == "table":
                continue
            source = generic_source(schema, function.description, _secret_columns(function.description))
            cursor.execute(replace_function(schema, name, source))
            replaced.append(name)
    return replaced


def _secret_columns(description: Mapping[str, Any]) -> list[str]:
    """Return the secrets that the model's options name now, whose columns a migration may be about to add."""
    try:
        model = apps.get_model(description["content"]["label"])
        options = tracked_models().get(model)
    except (LookupError, ConfigurationError):
        return []
    fields = model._meta.local_concrete_fields if options else []
    return [field.column for field in fields if options and field.name in options.secrets]


def uninstall(using: str, keep: Iterable[str] = ()) -> list[str]:
    """Drop the capture triggers of one database; the log stays.

    Args:
        using: The database alias.
        keep: The names of those to leave.

    Returns:
        The names of the triggers dropped.
    """
    schema = log_schema(using)
    return [] if schema is None else _drop_all_but(using, schema, keep)


def _mend_trigger(cursor: Any, schema: str, trigger: CaptureTrigger, table: str, problem: str) -> None:
    # What a partition has from its table comes and goes with it; it can be disabled by itself though.
    if problem != "disabled" and table in trigger.tables:
        if problem == "altered":
            cursor.execute(f"DROP TRIGGER {quote(trigger.pgid)} ON {table}")
        cursor.execute(trigger.trigger_sql(schema, table))
    # An ordinary trigger is silent under session_replication_role = replica.
    cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {quote(trigger.pgid)}")


def _drop_all_but(using: str, schema: str, keep: Iterable[str]) -> list[str]:
    dropped = []
    with transaction.atomic(using), connections[using].cursor() as cursor:
        state = drift.read_state(cursor, schema)
        for name in sorted(set(state.functions) - set(keep)):
            for table in state.tables(name):
                cursor.execute(f"DROP TRIGGER IF EXISTS {quote(name)} ON {table}")
            with owner_of_log(cursor, schema):
                cursor.execute(f"DROP FUNCTION {schema}.{quote(name)}()")
            dropped.append(name)
    return dropped
