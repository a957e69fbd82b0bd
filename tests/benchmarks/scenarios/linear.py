"""Whether the cost of a row stays the same up to a million rows."""

from __future__ import annotations

from django.db import connection
from django.db.models import F

from tests.benchmarks.contestants import OURS, PLAIN
from tests.benchmarks.runner import Runner
from tests.benchmarks.scenarios.base import Scenario, Work

#: Rows in a call, and rounds: the larger, the less a single one is disturbed.
SIZES = ((10_000, 6), (100_000, 3), (1_000_000, 2))

#: So that no statement outgrows what the protocol allows.
BATCH = 10_000


def insert(runner: Runner, rows: int) -> list[float]:
    """Insert with bulk_create(), in one transaction."""
    novels = runner.volumes(runner.Novel, rows)
    with runner.measuring() as seconds, runner.timed(seconds):
        runner.Novel.objects.bulk_create(novels, batch_size=BATCH)
    return seconds


def insert_select(runner: Runner, rows: int) -> list[float]:
    """Insert with one statement that reads what it inserts from the table."""
    runner.at_least(runner.Novel, BATCH)
    fields = runner.Novel._meta.local_concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields if not field.primary_key)
    table = runner.Novel._meta.db_table
    sql = (
        f"INSERT INTO {table} ({columns}) SELECT {columns} "
        f"FROM (SELECT * FROM {table} ORDER BY id LIMIT {BATCH}) AS source, generate_series(1, %s)"
    )
    with runner.measuring() as seconds, connection.cursor() as cursor, runner.timed(seconds):
        cursor.execute(sql, [rows // BATCH])
    return seconds


def update(runner: Runner, rows: int) -> list[float]:
    """Update with one statement the rows that were inserted last."""
    runner.at_least(runner.Novel, rows)
    lowest = runner.Novel.objects.order_by("-pk").values_list("pk", flat=True)[rows - 1]
    with runner.measuring() as seconds, runner.timed(seconds):
        runner.Novel.objects.filter(pk__gte=lowest).update(pages=F("pages") + 1)
    return seconds


def _scenarios(name: str, title: str, work: Work) -> list[Scenario]:
    return [
        Scenario(
            f"{name}_{rows // 1000}k",
            f"{title} of {rows:,}",
            work,
            rows,
            rounds,
            only=(PLAIN, OURS),
            rows=rows,
        )
        for rows, rounds in SIZES
    ]


LINEAR = (
    *_scenarios("linear_bulk_create", "bulk_create()", insert),
    *_scenarios("linear_insert", "INSERT … SELECT", insert_select),
    *_scenarios("linear_update", "queryset.update()", update),
)
