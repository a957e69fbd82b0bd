"""Looking at a log that something was done to."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from audit_plugin.capture import doctor


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


def triggers(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def found() -> dict[str, list[str]]:
    """Return what was found that is not as it may well be, by code."""
    codes: dict[str, list[str]] = {}
    for finding in doctor.examine("default"):
        if finding.severity != "info":
            codes.setdefault(finding.code, []).append(finding.subject)
    return codes


def months_partitions(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass "
            r"AND inhrelid::regclass::text ~ '\d$' ORDER BY 1",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def insert_entry(moment: datetime) -> None:
    execute(
        "INSERT INTO audit_plugin_entry (id, context_id, occurred_at, action, channel, model, object_id, object_repr) "
        "VALUES (audit_plugin_uuid_floor_v1(%s), gen_random_uuid(), now(), 'x', 'x', 'x', 'x', 'x')",
        moment,
    )
