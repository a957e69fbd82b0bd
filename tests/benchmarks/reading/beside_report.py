"""The page of figures beside other packages."""

from __future__ import annotations

import os
from importlib.metadata import version

from django.db import connection

from tests.benchmarks.machine import describe
from tests.benchmarks.reading.beside import LIMIT, Answer, sizes
from tests.benchmarks.reading.questions import ROWS
from tests.benchmarks.reading.rendering import FEW, PATIENCE, Rendered
from tests.benchmarks.reading.run import ROUNDS

HEAD = """# Reading, side by side

<!-- Made by `python -m tests.benchmarks.reading peers --write`. -->

The same {entries:,} entries, asked the same questions: in our list, on django-auditlog's changelist and on django-pghistory's
Events page. {versions}, PostgreSQL {postgres},
{shared} of shared buffers. {machine}

```
AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading build --rows 10000000
AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading peers --fill --write
```

From the request to the last byte of HTML, through Django's test client with `DEBUG = False`, as a superuser, {rows} rows a page,
in the median of {rounds} rounds with warm caches. *work* is the processor time of Django's process and of the server's together:
what the page takes on a machine that has nothing else to do. *time* is by the clock (load {load:.1f}). × is their work divided
by ours. No parallel workers took part.

Their slow pages had fewer rounds, {few} at least in {patience:.0f} s; those that are slower still had one, after the tables had
been read. After {limit} s a page was stopped: *more than* is what it had taken until then.
"""

AUDITLOG = """
## Beside django-auditlog's changelist
"""

EVENTS = """
## Beside django-pghistory's Events page

It has no search.
"""

STORED = """
## What each stores

Tables and indexes: ours {ours}, django-auditlog's {auditlog}, django-pghistory's {pghistory}.

## What was done to be fair

- **Their defaults.** Tables and indexes are those of their own migrations and of `pghistory.track()`; the pages are those that
  `auditlog` and `pghistory.admin` register, with nothing set. The tables were filled by SQL from our entries, in the order of
  time, the indexes made after the rows, then vacuumed and analysed. Read all of it in `tests/benchmarks/reading/peers`.
- **The same server, the same run.** Their project is one of its own, without our app and our middleware, and without their
  middlewares, which name the authors of changes. As in the demo, half of the models are registered in its admin.
- **Both pages are Django's.** With a filter they count what it finds and all entries besides (`show_full_result_count`).
- **django-auditlog** has a row for each entry, in one table. Restores are updates, events that change nothing are accesses.
  There is no correlation id, which would add two indexes and let its page filter by request. Its history of a record, which is
  the page of `AuditlogHistoryAdminMixin`, has 10 rows; ours has {rows}.
- **django-pghistory** has an event table for each of the {models} models, with the whole row in each event, and a context for
  each request. The made-up records have eight columns besides their key. Foreign keys are plain numbers, where it would have made
  indexes. Events that change nothing are rows like any other. The Events page makes the difference to the event before while it
  reads and has no index by time, so that the first row of a list is known after all of them have been read; its documentation
  says that aggregating many large tables is likely to be slow. It can be told to show nothing before a filter is chosen
  (`PGHISTORY_ADMIN_ALL_EVENTS`), and an event table can have a page of its own (`EventModelAdmin`), which is measured, too.
- **The pages differ.** django-auditlog shows time, record, action, names of the fields, user and correlation id, with the number
  of entries, and dates, actions and types to choose from. django-pghistory shows time, model, key and difference, and who did
  it when `PGHISTORY_ADMIN_MODEL` says so. Ours shows values and a description, links to the records that exist, the number of
  entries (beyond a cap, of searches, roughly), a histogram, and the choices of all filters; most of its work is making the HTML.
"""


def document(answers: list[Answer]) -> str:
    """Return the page in Markdown."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(entries)::bigint, count(DISTINCT model) FROM audit_plugin_kind WHERE model <> ''"
        )
        entries, models = cursor.fetchone()
        cursor.execute("SELECT current_setting('server_version'), current_setting('shared_buffers')")
        postgres, shared = cursor.fetchone()
    names = ("Django", "django-auditlog", "django-pghistory")
    head = HEAD.format(
        entries=entries,
        versions=", ".join(f"{name} {version(name)}" for name in names),
        postgres=postgres.split()[0],
        shared=shared,
        machine=f"{describe()[0]}.",
        rows=ROWS,
        rounds=ROUNDS,
        load=os.getloadavg()[0],
        patience=PATIENCE,
        few=FEW,
        limit=LIMIT,
    )
    stored = {name: f"{size / 1e9:.1f} GB" for name, size in sizes().items()}
    return (
        head
        + AUDITLOG
        + _table("django-auditlog", [(answer.ours, answer.auditlog) for answer in answers])
        + EVENTS
        + _table("django-pghistory", [(answer.ours, answer.pghistory) for answer in answers])
        + STORED.format(**stored, rows=ROWS, models=models)
    )


def _table(title: str, pairs: list[tuple[Rendered, Rendered | None]]) -> str:
    lines = [
        "",
        f"| | ours: work, ms | time, ms | statements | {title}: work, ms | time, ms | statements | × |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for ours, theirs in pairs:
        if theirs:
            ratio = theirs.worked / ours.worked
            lines.append(
                f"| {ours.view.name} | {_cells(ours)} | {_cells(theirs)} | {_more(theirs)}{ratio:,.{1 if ratio >= 1 else 2}f} |"
            )
    return "\n".join(lines) + "\n"


def _cells(page: Rendered) -> str:
    return f"{_more(page)}{page.worked:,.0f} | {_more(page)}{page.middle:,.0f} | {'–' if page.cut else page.queries}"


def _more(page: Rendered) -> str:
    return "more than " if page.cut else ""
