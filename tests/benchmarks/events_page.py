"""The page about what events cost: docs/benchmarks-events.md."""

from __future__ import annotations

import os
import platform
import statistics
from typing import Any

NOTES = "<!-- Made by `python -m tests.benchmarks.events`. -->"


def table(rows: dict[str, float], base: str | None = None) -> str:
    """Return a table of microseconds."""
    lines = ["| | µs | × |" if base else "| | µs |", "|---|---:|---:|" if base else "|---|---:|"]
    for name, value in rows.items():
        lines.append(f"| {name} | {value:,.1f} |" + (f" {value / rows[base]:.2f} |" if base else ""))
    return "\n".join(lines)


def render(singles: Any, committed: Any, bulk: list[float], reads: Any, many: int, version: str) -> str:
    """Return the page."""
    plain = next(iter(singles))
    median = statistics.median(bulk)
    return f"""# What events cost

{NOTES}

PostgreSQL {version}, Python {platform.python_version()}, {os.cpu_count()} cores. The fastest of many short rounds each, run in
turn: what else the machine did can only have added to them.

## One event beside one plain INSERT

Target: at most 1.2 × one plain INSERT: the row that a log made by hand would write, by `Model.objects.create()`, with the same
columns and indexes. All under the context of a request with a user.

In a transaction that is open:

{table(singles, plain)}

With a commit for each:

{table(committed, plain)}

## {many:,} events in one statement

Target: at most 1 s. `record_many()` took {min(bulk):.2f} s (median of {len(bulk)}: {median:.2f} s).

## Looks at personal records

Target: nothing for a model that isn't declared, at most 1 ms for one that is. A look doesn't wait for the disk; one that was
written before within the window is a query only.

{table(reads)}
"""
