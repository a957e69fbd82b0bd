"""Examines the log of one database, and mends what can be mended. Nothing here prints; `audit_doctor` does."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connections, transaction

from audit_plugin.capture.doctor.coverage import examine_baselines, examine_models
from audit_plugin.capture.doctor.findings import KINDS, SEVERITIES, Finding
from audit_plugin.capture.doctor.log import (
    examine_additions,
    examine_clocks,
    examine_guards,
    examine_partitions,
)
from audit_plugin.capture.doctor.mend import mend
from audit_plugin.capture.doctor.reading import examine_counts, examine_indexes
from audit_plugin.capture.doctor.triggers import examine_functions, examine_triggers
from audit_plugin.capture.level import HIGHEST, level
from audit_plugin.capture.relations import TABLES
from audit_plugin.capture.schema import log_schema
from audit_plugin.exceptions import ConfigurationError

__all__ = ["KINDS", "SEVERITIES", "Finding", "examine", "mend"]


def examine(using: str, *, role: str | None = None, level: int = 0) -> Iterator[Finding]:
    """Yield everything there is to say about the log of one database. Reads only.

    Args:
        using: The database alias.
        role: The role that the application works under, for the level of hardening; by default the one logged in.
        level: The level that is asked for; less is an error.

    Raises:
        ConfigurationError: There is no such role.
    """
    schema = log_schema(using)
    if schema is None or not _is_complete(using, schema):
        yield Finding("log-missing", using, "The tables of the log aren't there.")
        return
    with transaction.atomic(using), connections[using].cursor() as cursor:
        shared = list(examine_functions(cursor, schema))
        yield from shared
        yield from examine_guards(cursor, schema)
        yield from examine_additions(cursor, schema)
        yield from examine_partitions(cursor, schema)
        yield from examine_clocks(cursor, schema)
        yield from examine_counts(cursor, schema)
        yield from examine_indexes(cursor, schema)
        yield from examine_models(using)
        # The functions that build the triggers' functions are among the shared ones.
        recorded = [] if shared else list(examine_triggers(using, schema))
        yield from recorded
        if not shared and not any(finding.code == "table-uncapturable" for finding in recorded):
            yield from examine_baselines(using, cursor)
        yield _examine_level(cursor, schema, role, level)


def _is_complete(using: str, schema: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass(t) IS NOT NULL FROM unnest(%s::text[]) AS t",
            [[f"{schema}.{t}" for t in TABLES]],
        )
        return all(row[0] for row in cursor.fetchall())


def _examine_level(cursor: object, schema: str, role: str | None, wanted: int) -> Finding:
    found = level(cursor, schema, role)
    if found is None:
        raise ConfigurationError(f'There is no database role "{role}".')
    reasons = "".join(f"\n- It {reason}." for reason in found.reasons)
    message = f'Level {found.number} of {HIGHEST}: the log belongs to "{found.owner}", the application is "{found.role}".'
    severity = "error" if found.number < wanted else ""
    return Finding("level", found.role, message + reasons, severity)
