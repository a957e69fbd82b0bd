"""Stores our entries as the other packages would have, by their own migrations and with their own indexes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files

import pgtrigger
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, models

from tests.benchmarks.reading.peers import APP, SCHEMA
from tests.benchmarks.reading.peers.models import TRACKED


def fill(say: Callable[[str], object], record_model: str, records: int) -> None:
    """Make the schema anew and fill it from the log in the same database.

    Args:
        say: Told how far it got.
        record_model: The label of a model whose records are to exist, so that their history can be looked at.
        records: How many of them.
    """
    started = time.perf_counter()

    def done(what: str) -> None:
        say(f"{time.perf_counter() - started:6.0f} s  {what}")

    _run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE", f"CREATE SCHEMA {SCHEMA}")
    call_command("migrate", run_syncdb=True, verbosity=0)
    User.objects.create_superuser("admin")
    _run("SET synchronous_commit = off", "SET work_mem = '256MB'", "SET maintenance_work_mem = '512MB'")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kinds (label text, model text)")
        cursor.executemany(
            "INSERT INTO kinds VALUES (%s, %s)",
            [(label, model._meta.model_name) for label, model in TRACKED.items()],
        )
    events = {label: apps.get_model(APP, f"{model.__name__}Event") for label, model in TRACKED.items()}
    tables = ["auditlog_logentry", "pghistory_context", *(event._meta.db_table for event in events.values())]
    with _without_indexes(tables):
        _run(_sql("people.sql"))
        done("accounts and contexts")
        for month, first, last in _months():
            _run(_sql("auditlog.sql").format(entries=month, first=first, last=last))
            for label, event in events.items():
                key = "uuid" if isinstance(event._meta.get_field("id"), models.UUIDField) else "bigint"
                _run(
                    _sql("events.sql").format(table=event._meta.db_table, entries=month, label=label, key=key)
                )
            done(month)
    done("indexes and keys")
    model = TRACKED[record_model]
    values = {"status": "open", "organisation": 4, "venue": 12, "price": 120}
    with pgtrigger.ignore():
        model._default_manager.bulk_create(
            model(id=number, title=f"Session {number}", **values) for number in range(1, records + 1)
        )
    _run(f"VACUUM (ANALYZE) {', '.join(tables)}", "ANALYZE auth_user")
    done("done")
    _compare([event._meta.db_table for event in events.values()])


def _compare(tables: list[str]) -> None:
    """Make sure that each has as many rows as the log has entries; its own events aside, which have no model."""
    events = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM public.audit_plugin_entry WHERE model <> ''),"
            f" (SELECT count(*) FROM auditlog_logentry), {events}"
        )
        counts = cursor.fetchone()
    if len(set(counts)) > 1:
        raise SystemExit(f"They differ: {counts}")


def _months() -> Iterator[tuple[str, str, str]]:
    """Yield the log's partitions that have entries, with the first and the last of their contexts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'public.audit_plugin_entry'::regclass ORDER BY 1"
        )
        for (month,) in cursor.fetchall():
            ends = f"SELECT context_id FROM {month} ORDER BY context_id"
            cursor.execute(f"SELECT ({ends} LIMIT 1), ({ends} DESC LIMIT 1)")
            first, last = cursor.fetchone()
            if first:
                yield month, first, last


@contextmanager
def _without_indexes(tables: list[str]) -> Iterator[None]:
    """Take indexes and keys off while tables are filled, and make the same ones anew."""
    restoring: list[str] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT conname, pg_get_constraintdef(oid), contype FROM pg_constraint"
                " WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype = 'f'",
                [table],
            )
            keys = [
                (f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}', name)
                for name, definition, _kind in cursor.fetchall()
            ]
            for _definition, name in keys:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            cursor.execute(
                "SELECT pg_get_indexdef(indexrelid), indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass",
                [table],
            )
            indexes = cursor.fetchall()
            for _definition, name in indexes:
                cursor.execute(f"DROP INDEX {name}")
            restoring += [definition for definition, _name in [*keys, *indexes]]
    yield
    _run(*restoring)


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sql(name: str) -> str:
    return (files("tests.benchmarks.reading.peers") / name).read_text()
