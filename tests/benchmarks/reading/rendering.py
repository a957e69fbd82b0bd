"""Measures a page of an admin, from the request to the last byte of HTML, through Django's test client.

Nothing here belongs to one log: the other packages' pages are measured by the same code, in a project without ours.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from psycopg.errors import QueryCanceled

from tests.benchmarks.reading.run import ROUNDS, counted, server_time

#: Where there is a limit: seconds that the rounds of one page may take, and how few are worth it; else it is rendered once.
PATIENCE, FEW = 5.0, 3
LIST = "/admin/audit_plugin/entry/"


@dataclass(frozen=True)
class View:
    """A page to render: what it is, who looks at it, where, and which part of it (for htmx)."""

    name: str
    path: str = LIST
    query: dict[str, str] = field(default_factory=dict)
    who: str = "admin"
    part: str = ""


@dataclass(frozen=True)
class Rendered:
    """What a page took, in milliseconds.

    Attributes:
        view: The page.
        django: Processor time of Django's process, in the median round.
        database: That of the server's process of PostgreSQL, in the median round.
        best: How long the quickest round took.
        middle: How long the median round took.
        queries: How many statements.
        size: Bytes of HTML; none where it was stopped at the limit, and the times are those until then.
        rounds: How many rounds there were.
    """

    view: View
    django: float
    database: float
    best: float
    middle: float
    queries: int
    size: int
    rounds: int

    @property
    def worked(self) -> float:
        """What the page costs on a machine that does nothing else; Django waits while PostgreSQL works."""
        return self.django + self.database

    @property
    def cut(self) -> bool:
        """Whether it was stopped at the limit."""
        return not self.size


class _Round(NamedTuple):
    wall: float
    django: float
    database: float
    size: int


def measure(client: Client, view: View, *, rounds: int = ROUNDS) -> Rendered:
    """Render a page some rounds."""
    # The first rounds fill the caches, and keep the filter for the visit, which is a write.
    for _ in range(2):
        _get(client, view)
    done = [_round(client, view) for _ in range(rounds)]
    # Apart from the rounds that are timed: to count is work, too.
    with counted() as statements:
        _get(client, view)
    return _rendered(view, done, len(statements))


def measure_within(client: Client, view: View, limit: float) -> Rendered:
    """Render a page that may be slow, and stop it when it has taken `limit` seconds."""
    with counted() as statements, _stopped_after(limit):
        first = _round(client, view)
    possible = int(PATIENCE * 1000 / first.wall)
    if possible >= FEW:
        return measure(client, view, rounds=min(possible, ROUNDS))
    return _rendered(view, [first], len(statements))


def signed_in(user: User) -> Client:
    """Return a client of somebody."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _rendered(view: View, rounds: list[_Round], queries: int) -> Rendered:
    walls, django, servers, sizes = zip(*rounds, strict=True)
    return Rendered(
        view, median(django), median(servers), min(walls), median(walls), queries, max(sizes), len(rounds)
    )


def _round(client: Client, view: View) -> _Round:
    database, process, clock = server_time(), time.process_time(), time.perf_counter()
    try:
        size = _get(client, view)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        size = 0
    wall, worked = time.perf_counter() - clock, time.process_time() - process
    return _Round(wall * 1000, worked * 1000, server_time() - database, size)


def _get(client: Client, view: View) -> int:
    headers = {"HX-Request": "true", "HX-Target": view.part} if view.part else {}
    response = client.get(view.path, view.query, headers=headers)
    if response.status_code != 200:
        raise RuntimeError(f"{view.name}: {view.path} answered with {response.status_code}")
    return len(response.content)


@contextmanager
def _stopped_after(limit: float) -> Iterator[None]:
    """Let the statements of a block take so many seconds together."""
    ends = time.perf_counter() + limit

    def bounded(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        left = max(1, round((ends - time.perf_counter()) * 1000))
        context["cursor"].cursor.execute(f"SET statement_timeout = {left}")
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(bounded):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
