"""Measures database time, in two ways.

- What the server's process has worked for all statements of a page, from the scheduler's own count (Linux): what it costs on a
  machine that does nothing else, all pages being in memory.
- How long they took, from sending each until its last row was there, which grows with whatever else the machine does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    # The pages of other packages are timed in a project that doesn't have ours.
    from tests.benchmarks.reading.cases import Case

ROUNDS = 15

#: Milliseconds, SQL and parameters.
Statement = tuple[float, str, Any]


@dataclass(frozen=True)
class Figure:
    """What one case took.

    Attributes:
        case: The case.
        worked: Milliseconds that the server's process worked, in the median round.
        best: Milliseconds that the quickest round took.
        middle: Those of the median round.
        queries: How many statements.
        slowest: The slowest statement of the quickest round, with its parameters.
    """

    case: Case
    worked: float
    best: float
    middle: float
    queries: int
    slowest: tuple[str, Any]


def measure(case: Case) -> Figure:
    """Run a case some rounds; the first ones fill the caches."""
    case.run()
    case.run()
    rounds = sorted((_round(case.run) for _ in range(ROUNDS)), key=lambda done: _total(done[1]))
    worked = median(milliseconds for milliseconds, _statements in rounds)
    statements = rounds[0][1]
    slowest = max(statements, key=lambda statement: statement[0], default=(0.0, "", None))
    return Figure(
        case,
        worked,
        _total(statements),
        median(_total(done) for _worked, done in rounds),
        len(statements),
        (slowest[1], slowest[2]),
    )


def plan(figure: Figure) -> str:
    """Return how PostgreSQL runs the slowest statement of a case, what was never run left out."""
    sql, params = figure.slowest
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF, SUMMARY ON) {sql}", params)
        lines = [row[0] for row in cursor.fetchall()]
    return "\n".join(line for line in lines if "never executed" not in line)


def _total(statements: list[Statement]) -> float:
    return sum(took for took, _sql, _params in statements)


def _round(run: Callable[[], Any]) -> tuple[float, list[Statement]]:
    before = server_time()
    with counted() as statements:
        run()
    return server_time() - before, statements


@contextmanager
def counted() -> Iterator[list[Statement]]:
    """Collect the statements of a block."""
    statements: list[Statement] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        result = execute(sql, params, many, context)
        statements.append(((time.perf_counter() - started) * 1000, sql, params))
        return result

    with connection.execute_wrapper(timed):
        yield statements


def server_time() -> float:
    """Return the milliseconds that the server's process of this connection has run so far."""
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
