"""Measures database time: from sending each statement until its last row is there, summed over all of a page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection

from tests.benchmarks.reading.cases import Case

ROUNDS = 21


@dataclass(frozen=True)
class Figure:
    """What one case took.

    Attributes:
        case: The case.
        best: Milliseconds of the quickest round: what the machine's other work doesn't add to.
        middle: Those of the median round.
        queries: How many statements.
        slowest: The slowest statement of the quickest round, with its parameters.
    """

    case: Case
    best: float
    middle: float
    queries: int
    slowest: tuple[str, Any]


def measure(case: Case) -> Figure:
    """Run a case some rounds; the first ones fill the caches."""
    case.run()
    rounds = sorted((_round(case.run) for _ in range(ROUNDS)), key=_total)
    statements = rounds[0]
    slowest = max(statements, key=lambda statement: statement[0], default=(0.0, "", None))
    return Figure(
        case, _total(statements), median(map(_total, rounds)), len(statements), (slowest[1], slowest[2])
    )


def plan(figure: Figure) -> str:
    """Return how PostgreSQL runs the slowest statement of a case, what was never run left out."""
    sql, params = figure.slowest
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF, SUMMARY ON) {sql}", params)
        lines = [row[0] for row in cursor.fetchall()]
    return "\n".join(line for line in lines if "never executed" not in line)


def _total(statements: list[tuple[float, str, Any]]) -> float:
    return sum(took for took, _sql, _params in statements)


def _round(run: Callable[[], Any]) -> list[tuple[float, str, Any]]:
    statements: list[tuple[float, str, Any]] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        result = execute(sql, params, many, context)
        statements.append(((time.perf_counter() - started) * 1000, sql, params))
        return result

    with connection.execute_wrapper(timed):
        run()
    return statements
