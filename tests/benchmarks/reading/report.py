"""The page of figures."""

from __future__ import annotations

import os
from itertools import groupby

from django.db import connection

from audit_plugin.filters import EntryFilter
from audit_plugin.visibility import Scope
from tests.benchmarks.machine import describe
from tests.benchmarks.reading.cases import OTHER
from tests.benchmarks.reading.pages import BUSIEST, TARGET
from tests.benchmarks.reading.rendering import Rendered
from tests.benchmarks.reading.run import ROUNDS, Figure, plan

HEAD = """# How fast the log is read

Database time of a page of 50 rows with their contexts, all its statements together, with warm caches:

- *work*: how long the server's process ran, in the median of {rounds} rounds. That is what a page costs on a machine that has
  nothing else to do, and what is compared with the target. No other process took part (`max_parallel_workers_per_gather = 0`).
- *best* and *median*: how long the statements took from sending each until its last row was there. While this was measured
  the machine's two cores were shared with other work (load {load:.1f}), which these two contain.

```
AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading build --rows 10000000
AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading run --write
```

{entries:,} entries over 24 months, 40 models, 3,000 actors, 20 tenants, the frequent ones far more often than the rest
(`tests/benchmarks/reading`), after `audit_optimise`; all months are over, so that each has its index. In the month that is
going on, a rare value is looked for along the primary key among the entries made since the last night. [Other packages on the
same entries](benchmarks-reading-peers.md). PostgreSQL {version}, {shared} of shared buffers. {machine}

**{met} of {total} are within their target.**
"""


PAGES = """
## The admin's pages, rendered

From the request to the last byte of HTML, through Django's test client with the demo's middleware and `DEBUG = False`, in the
median of {rounds} rounds with warm caches. *work* is the processor time of Django's process and of the server's together: one
waits while the other works, so that is what a page takes on a machine that has nothing else to do, and what is compared with the
target of {target} ms. *Django* and *PostgreSQL* are its parts; *best* and *median* are by the clock (load {load:.1f}).

`admin` may see everything, `auditor` only entries of models that exist and that they may view. The tags that entries are about
exist, so that there are links to them; the record is the tag with the most entries ({busiest:,}). What a visit remembers is
written when it changes: that isn't in these figures, nor is signing in. A made-up tag is deleted several times, and
most come back; the number of deleted records is counted among the newest 1,500 deletions, and says so.
What was counted by day and kind is kept by the process, as it is between two requests.

**{met} of {total} are within the target.**

| | work, ms | Django | PostgreSQL | best, ms | median, ms | statements | kB |
|---|---|---|---|---|---|---|---|
"""


def document(figures: list[Figure], pages: list[Rendered]) -> str:
    """Return the page in Markdown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(entries)::bigint FROM audit_plugin_kind")
        (entries,) = cursor.fetchone()
        cursor.execute("SELECT current_setting('server_version'), current_setting('shared_buffers')")
        version, shared = cursor.fetchone()
    met = sum(figure.worked <= figure.case.target for figure in figures)
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
        )
    ]
    for group, rows in groupby(figures, key=lambda figure: figure.case.group):
        header = "| | work, ms | target, ms | best, ms | median, ms | statements |"
        parts += [f"\n## {group}\n", header, "|---|---|---|---|---|---|"]
        for row in rows:
            missed = "" if row.worked <= row.case.target else " (missed)"
            parts.append(
                f"| {row.case.name} | {row.worked:.1f}{missed} | {row.case.target:.0f} | {row.best:.1f} | {row.middle:.1f} "
                f"| {row.queries} |"
            )
    parts.append(_pages(pages))
    parts.append("## Plans\n\nThe slowest statement of some pages. What was not run is left out.")
    for figure in _telling(figures):
        parts.append(f"\n{figure.case.name}:\n\n```\n{plan(figure)}\n```")
    return "\n".join(parts) + "\n"


def _pages(pages: list[Rendered]) -> str:
    busiest = EntryFilter(model=OTHER, object_id=BUSIEST).apply(Scope().entries()).count()
    head = PAGES.format(
        rounds=ROUNDS,
        target=TARGET,
        load=os.getloadavg()[0],
        busiest=busiest,
        met=sum(page.worked <= TARGET for page in pages),
        total=len(pages),
    )
    return head + "".join(f"{_line(page)}\n" for page in pages)


def _line(page: Rendered) -> str:
    missed = "" if page.worked <= TARGET else " (missed)"
    return (
        f"| {page.view.name} | {page.worked:.0f}{missed} | {page.django:.0f} | {page.database:.1f} | {page.best:.0f} "
        f"| {page.middle:.0f} | {page.queries} | {page.size / 1000:.0f} |"
    )


def _telling(figures: list[Figure]) -> list[Figure]:
    """Return one figure of each group: the slowest that isn't a variation of another."""
    groups = groupby(figures, key=lambda figure: figure.case.group)
    return [max(rows, key=lambda row: row.worked) for _group, rows in groups]
