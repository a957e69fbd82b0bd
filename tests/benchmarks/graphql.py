"""Measure pages over GraphQL beside strawberry-django's DjangoCursorConnection, on the same table.

    AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.reading build --rows 10000000
    AUDIT_PGDATA=/var/tmp/audit-read python -m tests.benchmarks.graphql --write

Fill the log first. The figures go into docs/benchmarks-graphql.md. strawberry-graphql-django has to be installed for the
comparison; without it, only ours is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import django

PAGE = 50
ROUNDS = 20
#: Slower pages take their first round for good, and get no more rounds than fit into so many seconds.
SLOW, PATIENCE = 2.0, 20.0
DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks-graphql.md"

OURS = """
query ($after: String, $before: String, $first: Int, $last: Int, $filter: AuditEntryFilter) {
  auditEntries(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { id occurredAt action description actor { label } changes { field old new } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
COUNT = "{ auditEntries(first: 1) { count { value capped } } }"


@dataclass(frozen=True)
class Measured:
    """What one page took; times in milliseconds.

    Attributes:
        name: What was asked.
        worked: How long the server's process worked, at the median.
        best: How long Django waited for the database in the quickest round.
        middle: The same at the median.
        python: How long Django's process worked, at the median.
        whole: How long it all took, at the median.
        statements: How many statements.
        entries: How many entries the answer has.
        rounds: How many rounds there were.
        held: Whether this is what the target is about.
    """

    name: str
    worked: float
    best: float
    middle: float
    python: float
    whole: float
    statements: int
    entries: int
    rounds: int
    held: bool = False


def measure(name: str, ask: Callable[[], Any], held: bool = False) -> Measured:
    """Return what a page takes."""
    from tests.benchmarks.reading.run import counted, server_time

    rounds: list[tuple[float, float, float, float]] = []
    until = time.perf_counter() + PATIENCE
    warm = False
    while len(rounds) < ROUNDS and (not rounds or time.perf_counter() < until):
        worked, python, started = server_time(), time.process_time(), time.perf_counter()
        with counted() as seen:
            answer = ask()
        whole = (time.perf_counter() - started) * 1000
        python = (time.process_time() - python) * 1000
        if answer.errors:
            raise SystemExit(f"{name}: {answer.errors[0]}")
        if warm or whole > SLOW * 1000:
            rounds.append((server_time() - worked, sum(took for took, *_rest in seen), python, whole))
        warm = True
    (connection,) = answer.data.values()
    works, waits, pythons, wholes = zip(*rounds, strict=True)
    return Measured(
        name,
        median(works),
        min(waits),
        median(waits),
        median(pythons),
        median(wholes),
        len(seen),
        len(connection.get("edges", [])),
        len(rounds),
        held,
    )


def ours(context: Any, deep: Any, depth: str) -> Iterator[Measured]:
    """Yield what our pages take."""
    from audit_plugin.pagination.cursors import encode
    from graphql_schema.strawberry import schema
    from tests.benchmarks.reading.cases import OFTEN

    cursor = encode("newest", deep)

    def asking(query: str, **variables: Any) -> Callable[[], Any]:
        return lambda: schema.execute_sync(query, variables, context_value=context)

    yield measure("first page", asking(OURS, first=PAGE))
    yield measure(f"page at a depth of {depth}", asking(OURS, first=PAGE, after=cursor), held=True)
    yield measure(f"page before a depth of {depth}", asking(OURS, last=PAGE, before=cursor), held=True)
    yield measure("last page", asking(OURS, last=PAGE), held=True)
    yield measure(
        f"an actor's page at a depth of {depth}",
        asking(OURS, first=PAGE, after=cursor, filter={"actor": OFTEN}),
        held=True,
    )
    yield measure("number of entries", asking(COUNT))


def theirs(context: Any, deep: Any, depth: str) -> Iterator[Measured]:
    """Yield what pages of strawberry-django take: by its best order here, one key, and by the order of its documentation."""
    from strawberry.relay import to_base64
    from strawberry_django.relay.cursor_connection import DjangoCursorEdge

    from audit_plugin.models import Entry
    from tests.benchmarks.peers.cursors import ORDERS, QUERY, schema

    for name, order in ORDERS.items():
        query = QUERY.replace("FIELD", name)
        columns = [item.lstrip("-") for item in order]
        values = [Entry._meta.get_field(column).value_to_string(deep) for column in columns]
        after = to_base64(DjangoCursorEdge.CURSOR_PREFIX, json.dumps(values))
        for place, cursor in (("first page", None), (f"page at a depth of {depth}", after)):

            def ask(query: str = query, cursor: str | None = cursor) -> Any:
                return schema.execute_sync(query, {"first": PAGE, "after": cursor}, context_value=context)

            yield measure(f"by {', '.join(order)}: {place}", ask)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.graphql", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks-graphql.md")
    arguments = parser.parse_args()

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.reading.settings"
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import RequestFactory

    from audit_plugin.models import Entry
    from tests.benchmarks import graphql_documents, graphql_page

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(entries)::bigint FROM audit_plugin_kind")
        (total,) = cursor.fetchone()
    deep = Entry.objects.order_by("-id")[total // 2]
    context: Any = RequestFactory().post("/")
    context.user = User(pk=0, username="bench", is_superuser=True)
    found: list[list[Measured]] = []
    for source in [ours] + ([theirs] if find_spec("strawberry_django") else []):
        found.append([])
        for figure in source(context, deep, f"{total / 2e6:.0f} million"):
            print(figure, flush=True)
            found[-1].append(figure)
    text = graphql_page.page(total, *found, documents=graphql_documents.measured())
    print(text)
    if arguments.write:
        DOCUMENT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
