"""Measure pages over GraphQL beside strawberry-django's DjangoCursorConnection, on the same table.

    python -m tests.benchmarks.reading build --rows 10000000
    python -m tests.benchmarks.graphql

Fill the log first. strawberry-graphql-django has to be installed for the comparison; without it, only ours is measured.
Time in the database is what passes while Django waits for it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import django

PAGE = 50
RUNS = 20

OURS = """
query ($after: String, $before: String, $first: Int, $last: Int) {
  auditEntries(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id occurredAt action description actor { label } changes { field old new } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
COUNT = "{ auditEntries(first: 1) { count { value capped } } }"


@dataclass
class Measured:
    """What one page took, at the median.

    Attributes:
        name: What was asked.
        wall: Seconds in all.
        database: Seconds in the database.
        statements: Statements.
        entries: Entries in the answer.
    """

    name: str
    wall: float = 0
    database: float = 0
    statements: int = 0
    entries: int = 0
    times: list[tuple[float, float]] = field(default_factory=list)


@contextmanager
def watched(seen: list[float]) -> Iterator[None]:
    """Note how long each statement takes."""
    from django.db import connection

    def wrapper(execute: Callable[..., Any], *args: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*args)
        finally:
            seen.append(time.perf_counter() - started)

    with connection.execute_wrapper(wrapper):
        yield


def measure(name: str, ask: Callable[[], Any], runs: int) -> Measured:
    """Return what a page takes, after one run that isn't counted."""
    found = Measured(name)
    for number in range(runs + 1):
        seen: list[float] = []
        started = time.perf_counter()
        with watched(seen):
            answer = ask()
        if number:
            found.times.append((time.perf_counter() - started, sum(seen)))
        if answer.errors:
            raise SystemExit(f"{name}: {answer.errors[0]}")
        (connection,) = answer.data.values()
        found.statements, found.entries = len(seen), len(connection.get("edges", []))
    found.wall, found.database = (statistics.median(column) for column in zip(*found.times, strict=True))
    return found


def ours(context: Any, runs: int, depth: int) -> Iterator[Measured]:
    """Yield what our pages take."""
    from audit_plugin.models import Entry
    from audit_plugin.pagination.cursors import encode
    from graphql_schema.strawberry import schema

    entries = Entry.objects.order_by("-id")
    deep = encode("newest", entries[depth])

    def asking(query: str, **variables: Any) -> Callable[[], Any]:
        return lambda: schema.execute_sync(query, variables, context_value=context)

    yield measure("ours, first page", asking(OURS, first=PAGE), runs)
    yield measure(f"ours, at depth {depth:,}", asking(OURS, first=PAGE, after=deep), runs)
    yield measure(f"ours, backwards from depth {depth:,}", asking(OURS, last=PAGE, before=deep), runs)
    yield measure("ours, last page", asking(OURS, last=PAGE), runs)
    yield measure("ours, count", asking(COUNT), runs)


def theirs(context: Any, runs: int, depth: int) -> Iterator[Measured]:
    """Yield what pages of strawberry-django take: by its best order here, one key, and by the order of its documentation."""
    from strawberry.relay import to_base64
    from strawberry_django.relay.cursor_connection import DjangoCursorEdge

    from audit_plugin.models import Entry
    from tests.benchmarks.peers.cursors import ORDERS, QUERY, schema

    for name, order in ORDERS.items():
        query = QUERY.replace("FIELD", name)
        last = Entry.objects.order_by(*order)[depth]
        columns = [item.lstrip("-") for item in order]
        values = [Entry._meta.get_field(column).value_to_string(last) for column in columns]
        after = to_base64(DjangoCursorEdge.CURSOR_PREFIX, json.dumps(values))
        title = f"DjangoCursorConnection by {', '.join(order)}"
        for place, cursor in (("first page", None), (f"at depth {depth:,}", after)):

            def ask(query: str = query, cursor: str | None = cursor) -> Any:
                return schema.execute_sync(query, {"first": PAGE, "after": cursor}, context_value=context)

            yield measure(f"{title}, {place}", ask, min(runs, 5))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.graphql", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--depth", type=int, help="How deep the deep page lies; by default in the middle.")
    arguments = parser.parse_args()

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.reading.settings"
    django.setup()
    from django.contrib.auth.models import User
    from django.test import RequestFactory

    from audit_plugin.models import Entry

    total = Entry.objects.count()
    depth = arguments.depth or total // 2
    context: Any = RequestFactory().post("/")
    context.user = User(pk=0, username="bench", is_superuser=True)
    print(f"{total:,} entries, pages of {PAGE}, median of {arguments.runs} runs\n")
    print("| page | entries | statements | database | in all |\n|---|---|---|---|---|")
    sources = [ours] + ([theirs] if find_spec("strawberry_django") else [])
    for source in sources:
        for found in source(context, arguments.runs, depth):
            times = " | ".join(f"{seconds * 1000:.1f} ms" for seconds in (found.database, found.wall))
            print(f"| {found.name} | {found.entries} | {found.statements} | {times} |", flush=True)


if __name__ == "__main__":
    main()
