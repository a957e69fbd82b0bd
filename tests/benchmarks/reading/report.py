"""The page of figures."""

from __future__ import annotations

import os
from itertools import groupby

from django.db import connection

from tests.benchmarks.machine import describe
from tests.benchmarks.reading.run import ROUNDS, Figure, plan

HEAD = """# How fast the log is read

Database time: from sending a statement until its last row is there, summed over all statements of a page of 50 rows
with their contexts. The best and the median of {rounds} rounds, with warm caches.

    AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading build --rows 10000000
    AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading run --write

{entries:,} entries over 24 months, 40 models, 3,000 actors, 20 tenants, the frequent ones far more often than the rest
(`tests/benchmarks/reading`), after `audit_optimise`. PostgreSQL {version}, {shared} of shared buffers. {machine}
While this was measured the machine had other work as well (load {load:.1f}):
the best round says what a page costs, the median what somebody felt.

{met} of {total} are within their target by the best round, {felt} by the median.
"""


def document(figures: list[Figure]) -> str:
    """Return the page in Markdown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(entries)::bigint FROM audit_plugin_kind")
        (entries,) = cursor.fetchone()
        cursor.execute("SELECT current_setting('server_version'), current_setting('shared_buffers')")
        version, shared = cursor.fetchone()
    met = sum(figure.best <= figure.case.target for figure in figures)
    felt = sum(figure.middle <= figure.case.target for figure in figures)
    parts = [
        HEAD.format(
            rounds=ROUNDS,
            entries=entries,
            version=version.split()[0],
            shared=shared,
            machine=f"{describe()[0]}.",
            load=os.getloadavg()[0],
            met=met,
            total=len(figures),
            felt=felt,
        )
    ]
    for group, rows in groupby(figures, key=lambda figure: figure.case.group):
        header = "| | best, ms | median, ms | target, ms | statements |"
        parts += [f"\n## {group}\n", header, "|---|---|---|---|---|"]
        for row in rows:
            missed = "" if row.best <= row.case.target else " (missed)"
            parts.append(
                f"| {row.case.name} | {row.best:.1f}{missed} | {row.middle:.1f} | {row.case.target:.0f} | {row.queries} |"
            )
    parts.append("\n## Plans\n\nThe slowest statement of some pages. What was not run is left out.")
    for figure in _telling(figures):
        parts.append(f"\n{figure.case.name}:\n\n```\n{plan(figure)}\n```")
    return "\n".join(parts) + "\n"


def _telling(figures: list[Figure]) -> list[Figure]:
    """Return one figure of each group: the slowest that isn't a variation of another."""
    groups = groupby(figures, key=lambda figure: figure.case.group)
    return [max(rows, key=lambda row: row.best) for _group, rows in groups]
