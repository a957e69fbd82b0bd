"""What the server spends in a trigger, by EXPLAIN ANALYZE: in ours, and in ones that do as little as can be.

The floor of an audit log in the database is a trigger that does nothing but insert constants into the log. What ours
takes beyond it is what could still be saved.
"""

from __future__ import annotations

import json
import random
from statistics import median
from typing import Any

from django.db import connection

from audit_plugin.capture.schema import log_schema
from audit_plugin.capture.trigger import PINNED
from tests.benchmarks.runner import Runner

#: Bodies of insert triggers that do ever more of what has to be done, ours last.
BARE = """
    INSERT INTO {schema}.audit_plugin_entry (
        id, context_id, occurred_at, seq, operation, action, channel, model, object_id, object_repr, actor_id, changes)
    SELECT overlay({id} placing lpad(to_hex(e.seq & 268435455), 7, '0') from 30)::uuid, {context}, '2024-01-01', e.seq,
           'I', 'create', 'data', 'bench_ours.book', '1', 'A title of four words', '1', {changes}
      FROM (SELECT nextval('{schema}.audit_plugin_entry_seq') AS seq {rows}) AS e;
"""

#: Rows in the deletion of many, and how many fewer samples that needs.
MANY = 300
SHARE = 10


def measure(runner: Runner, samples: int) -> dict[str, float]:
    """Measure insert triggers of several kinds, and ours for update and delete.

    Args:
        runner: Our side.
        samples: How often each.

    Returns:
        Microseconds of server time by what was measured.
    """
    table = runner.Book._meta.db_table
    bare = _bare(runner)
    kinds = {"empty": "", "empty_pinned": "", "bare": bare, "bare_pinned": bare}
    for kind, body in kinds.items():
        _make_table(kind, table, body.replace("{rows}", ""), "INSERT", pinned=kind.endswith("pinned"))
    _make_table("many", table, bare.replace("{rows}", "FROM old_values"), "DELETE", pinned=True)
    book = runner.stored(runner.Book, 1)[0]
    columns = ", ".join(f'"{field.column}"' for field in book._meta.concrete_fields if not field.primary_key)
    insert = f"INSERT INTO {{}} ({columns}) SELECT {columns} FROM {table} WHERE id = {book.pk}"
    update = f"UPDATE {table} SET pages = pages + 1, rating = 5 - rating WHERE id = {book.pk}"
    delete = f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})"
    statements = {kind: insert.format(f"bench_floor_{kind}") for kind in kinds}
    statements |= {"insert": insert.format(table), "update": update, "delete": delete}
    return _sample(runner, statements, samples) | _sample_many(runner, table, columns, samples // SHARE)


def _bare(runner: Runner) -> str:
    """Return an INSERT of what an entry of this book holds, all of it constant but the key."""
    schema = log_schema("default")
    with connection.cursor() as cursor, runner.recorder.request():
        runner.Book.objects.create(**runner.rows(1)[0])
        cursor.execute(
            "SELECT quote_literal(id), quote_literal(context_id), quote_literal(changes) FROM audit_plugin_entry "
            "ORDER BY seq DESC LIMIT 1"
        )
        entry, context, changes = cursor.fetchone()
    return BARE.format(schema=schema, id=entry, context=context, changes=changes, rows="{rows}")


def _make_table(kind: str, like: str, body: str, operation: str, *, pinned: bool) -> None:
    settings = " ".join(f"SET {setting}" for setting in PINNED) if pinned else ""
    definer = "SECURITY DEFINER" if pinned else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS bench_floor_{kind}")
        cursor.execute(f"CREATE TABLE bench_floor_{kind} (LIKE {like} INCLUDING ALL)")
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION bench_floor_{kind}() RETURNS trigger LANGUAGE plpgsql {definer} {settings} "
            f"AS $bench$ BEGIN {body} RETURN NULL; END $bench$"
        )
        cursor.execute(
            f"CREATE TRIGGER bench_floor AFTER {operation} ON bench_floor_{kind} "
            f"REFERENCING {'NEW TABLE AS new_values' if operation == 'INSERT' else 'OLD TABLE AS old_values'} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION bench_floor_{kind}()"
        )


def _sample(runner: Runner, statements: dict[str, str], samples: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in statements}
    draw = random.Random(samples)
    with runner.recorder.request(), connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for number in range(samples + 20):
            for name in draw.sample(list(statements), len(statements)):
                spent = _trigger_time(cursor, statements[name])
                if number >= 20:
                    found[name].append(spent)
        cursor.execute("SET synchronous_commit = on")
    return {name: median(times) for name, times in found.items()}


def _sample_many(runner: Runner, table: str, columns: str, samples: int) -> dict[str, float]:
    """Delete rows that were inserted for it, with the trigger of constants and with ours."""
    runner.at_least(runner.Book, MANY)
    found: dict[str, list[float]] = {"delete_many_bare": [], "delete_many": []}
    tables = {"delete_many_bare": "bench_floor_many", "delete_many": table}
    with runner.recorder.request(), connection.cursor() as cursor:
        for _ in range(samples):
            for name in random.sample(list(tables), len(tables)):
                cursor.execute(
                    f"INSERT INTO {tables[name]} ({columns}) SELECT {columns} FROM {table} ORDER BY id LIMIT {MANY} "
                    "RETURNING id"
                )
                keys = ", ".join(str(key) for (key,) in cursor.fetchall())
                found[name].append(_trigger_time(cursor, f"DELETE FROM {tables[name]} WHERE id IN ({keys})"))
    return {name: median(times) for name, times in found.items()}


def _trigger_time(cursor: Any, statement: str) -> float:
    """Run a statement; return the microseconds that its triggers took."""
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
    answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]
    return sum(float(trigger["Time"]) for trigger in plan["Triggers"]) * 1000
