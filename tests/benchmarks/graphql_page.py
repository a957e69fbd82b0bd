"""The page about what GraphQL costs: docs/benchmarks-graphql.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from django.db import connection

from tests.benchmarks.graphql import PAGE, Measured
from tests.benchmarks.graphql_documents import Read
from tests.benchmarks.machine import describe

#: Milliseconds in the database, and statements, of a deep page with changes and actor.
TARGET, STATEMENTS = 15.0, 3

COLUMNS = """| | entries | statements | work, ms | best, ms | median, ms | Django, ms | in all, ms | rounds |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""
HEAD = """# Benchmarks of GraphQL

<!-- Written by `python -m tests.benchmarks.graphql --write`. -->

{entries:,} entries, as [the figures of reading](benchmarks-reading.md) have them. {machine}, PostgreSQL {postgres}, Python
{python}, {packages}; the load of the machine was {load:.1f} in the end.

```
AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading build --rows 10000000
AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.graphql --write
```

- *work*: how long the server's process of the connection ran for all of a page, at the median. Where the server has further
  processes help with a statement, those aren't in it.
- *best* and *median*: how long Django waited for statements by the clock, which contains whatever else the machine did. The
  median is what is compared with the target.
- *Django*: how long Django's process worked: parsing, the ORM, GraphQL's execution. *in all*: by the clock.

## Targets

A deep page of {page} with changes and actor takes at most {target:.0f} ms in the database, and at most {statements} statements.

| | work, ms | median, ms | statements | |
|---|---:|---:|---:|---|
{verdicts}

**{met} of {of} are within the target.**

## Pages of `auditEntries`

One statement sets the time limit (`AUDIT_GRAPHQL_TIMEOUT`), one reads the page, one the contexts. The number of entries is a
statement for each step of counting.

{ours}
"""
THEIRS = """
## DjangoCursorConnection on the same table

`DjangoCursorConnection` of strawberry-django with its optimiser, in one field ordered by the key alone, its best case here, and
in one by time and key, as logs usually are: this table has no index on the time, as its keys are ordered by time. Its query
asks for the stored changes as they are; ours describes each entry and lists its changes by field, which is work of Django's.
It has no limit of time, and joins the context to the page, so it needs one statement.

{theirs}
"""
DOCUMENTS = """
## Reading documents

Milliseconds of Django's process, at the median. A document that was found to be good is kept (`graphql_schema/documents.py`), so
that it is parsed and validated once; before, that was done for each request.

| | characters | parsing | validating | when it is known |
|---|---:|---:|---:|---:|
{documents}
"""


def page(
    entries: int, ours: Sequence[Measured], theirs: Sequence[Measured] = (), *, documents: Sequence[Read]
) -> str:
    """Return the page.

    Args:
        entries: How many there are.
        ours: What our pages took.
        theirs: What those of strawberry-django took.
        documents: What reading documents took.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (postgres,) = cursor.fetchone()
    held = [figure for figure in ours if figure.held]
    text = HEAD.format(
        entries=entries,
        machine=describe()[0],
        postgres=postgres.split()[0],
        python=platform.python_version(),
        packages=_packages(),
        load=os.getloadavg()[0],
        page=PAGE,
        target=TARGET,
        statements=STATEMENTS,
        verdicts="\n".join(
            f"| {figure.name} | {figure.worked:.1f} | {figure.middle:.1f} | {figure.statements} "
            f"| {'met' if _met(figure) else 'missed'} |"
            for figure in held
        ),
        met=sum(map(_met, held)),
        of=len(held),
        ours=_table(ours),
    )
    if theirs:
        text += THEIRS.format(theirs=_table(theirs))
    lines = (
        f"| {read.name} | {read.characters} | {read.parsed:.2f} | {read.checked:.2f} | {read.recalled:.3f} |"
        for read in documents
    )
    return text + DOCUMENTS.format(documents="\n".join(lines))


def _met(figure: Measured) -> bool:
    return (
        max(figure.worked, figure.middle) <= TARGET
        and figure.statements <= STATEMENTS
        and figure.entries == PAGE
    )


def _table(figures: Sequence[Measured]) -> str:
    return COLUMNS + "\n".join(
        f"| {f.name} | {f.entries or ''} | {f.statements} | {f.worked:,.1f} | {f.best:,.1f} | {f.middle:,.1f} "
        f"| {f.python:.1f} | {f.whole:,.1f} | {f.rounds} |"
        for f in figures
    )


def _packages() -> str:
    found = []
    for name in ("strawberry-graphql", "strawberry-graphql-django", "graphql-core"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
