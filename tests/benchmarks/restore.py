"""What undoing a request of many rows costs beside the write itself; writes docs/benchmarks-restore.md.

    DATABASE_NAME=bench_restore python -m tests.benchmarks.restore --write

Write and undo take turns on the same rows, in the same minutes; the best of some rounds of each is compared, so that what else
the machine does hits both.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "benchmarks-restore.md"
#: How many entries are planned one by one.
SINGLE = 100

#: What a request does to many rows.
KINDS = {
    "create": "`bulk_create()`",
    "update": "`update()` of one field",
    "save": "`save()` of one field, one by one",
    "delete": "`delete()`",
}


@dataclass
class Measured:
    """Seconds of each round, and the most memory that an undo needed."""

    write: list[float] = field(default_factory=list)
    plan: list[float] = field(default_factory=list)
    undo: list[float] = field(default_factory=list)
    memory: int = 0
    floor: list[dict[str, float]] = field(default_factory=list)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.restore", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=KINDS, action="append", help="only this kind of write")
    parser.add_argument("--profile", action="store_true", help="print where an undo spends its time")
    parser.add_argument("--write", action="store_true", help="write the page")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        kinds = arguments.only or list(KINDS)
        results = {kind: measure(kind, arguments.rows, arguments.rounds, arguments.profile) for kind in kinds}
        text = page(results, plans(), arguments.rows)
    finally:
        teardown_databases(databases, verbosity=0)
    print(text)
    if arguments.write:
        PAGE.write_text(text, "utf-8")


def measure(kind: str, rows: int, rounds: int, profiled: bool) -> Measured:
    """Let write and undo take turns."""
    from audit_plugin import restore

    found = Measured()
    for number in range(rounds):
        key, took = written(kind, rows, number)
        found.write.append(took)
        found.plan.append(seconds(lambda key=key: restore.plan(restore.Request(key))))
        profiler = cProfile.Profile()
        if profiled:
            profiler.enable()
        found.undo.append(seconds(lambda key=key: restore.apply(restore.Request(key))))
        if profiled:
            profiler.disable()
            pstats.Stats(profiler).sort_stats("tottime").print_stats(18)
        print(
            f"{kind}: {found.write[-1]:.2f} s, plan {found.plan[-1]:.2f} s, undo {found.undo[-1]:.2f} s",
            flush=True,
        )
        if kind == "update":
            from tests.benchmarks.restore_floor import floor

            found.floor.append(floor(written(kind, rows, -number - 1)[0]))
    key, _ = written(kind, rows, rounds)
    tracemalloc.start()
    restore.apply(restore.Request(key))
    found.memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def written(kind: str, rows: int, number: int) -> tuple[str, float]:
    """Do it in a request of its own; return the request's id and how long that took."""
    import audit_plugin
    from tests.testapp.models import Book

    if kind == "create":
        Book.objects.all().delete()
    elif Book.objects.count() != rows:
        Book.objects.all().delete()
        Book.objects.bulk_create(Book(title=f"Book {n}", isbn=str(n)) for n in range(rows))
    books = list(Book.objects.all()) if kind == "save" else []
    writes: dict[str, Callable[[], Any]] = {
        "create": lambda: Book.objects.bulk_create(
            [Book(title=f"Book {n}", isbn=str(n)) for n in range(rows)]
        ),
        "update": lambda: Book.objects.update(title=f"the same {number}"),
        "save": lambda: [save(book, number) for book in books],
        "delete": lambda: Book.objects.all().delete(),
    }
    key = str(uuid4())
    with audit_plugin.context(actor="bench", request_id=key, name="bench"):
        return key, seconds(writes[kind])


def save(book: Any, number: int) -> None:
    book.title = f"saved {number}"
    book.save(update_fields=["title"])


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plans() -> list[float]:
    """Return the seconds that plans of single entries take in the log as it is now."""
    from audit_plugin import restore
    from audit_plugin.models import Entry

    entries = Entry.objects.filter(operation__in=["I", "U", "D"]).order_by("-id")[:SINGLE]
    return [seconds(lambda entry=entry: restore.plan(restore.Undo(entry))) for entry in entries]


def page(results: dict[str, Measured], single: list[float], rows: int) -> str:
    """Return the page with the figures."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('server_version') FROM audit_plugin_entry")
        entries, server = cursor.fetchone()
    lines = [
        "# Benchmarks: restoring",
        "",
        "<!-- Made by `python -m tests.benchmarks.restore --write`. -->",
        "",
        f"A request writes {rows:,} rows of a table with ten columns, and is undone: in one transaction, recorded again entry "
        f"by entry. PostgreSQL {server}, Python {platform.python_version()}, {os.cpu_count()} "
        f"cores; the load of the machine was {os.getloadavg()[2]:.1f} in the last 15 minutes. The best of "
        f"{max(len(found.write) for found in results.values())} rounds in which writing, planning and undoing took turns. "
        "Read ratios, not seconds.",
        "",
        "| the request | write, s | preview, s | undo, s | undo ÷ write | memory of the undo, MB |",
        "|---|---|---|---|---|---|",
    ]
    for kind, found in results.items():
        write, plan, undo = (min(times) for times in (found.write, found.plan, found.undo))
        cells = [
            KINDS[kind],
            f"{write:.2f}",
            f"{plan:.2f}",
            f"{undo:.2f}",
            f"**{undo / write:.1f}**",
            f"{found.memory / 1e6:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if "update" in results:
        lines += floor_lines(results["update"], rows)
    ordered = sorted(single)
    lines += [
        "",
        f"A preview of a single entry, among {entries:,}: {statistics.median(ordered) * 1000:.0f} ms in the middle, "
        f"{ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms for the slowest of twenty. "
        "It reads the log by indexes only, so that hardly depends on their number "
        "(`tests/restore/test_scale.py::test_a_plan_of_one_entry_reads_the_log_by_indexes_only`).",
        "",
        "Memory is what Python allocates at most; that it doesn't grow with the request is held by "
        "`tests/restore/test_scale.py::test_memory_does_not_grow_with_the_request`.",
    ]
    return "\n".join(lines) + "\n"


def floor_lines(found: Measured, rows: int) -> list[str]:
    """Return what the bare statements of undoing an `update()` take, beside what the undo takes."""
    from tests.benchmarks.restore_floor import STEPS

    best = min(found.floor, key=lambda steps: sum(steps.values()))
    total, write, undo = sum(best.values()), min(found.write), min(found.undo)
    parts = ", ".join(f"{STEPS[step]} {best[step]:.2f} s" for step in STEPS)
    return [
        "",
        "**The floor of undoing an `update()`.** The target was 3 times the write. But the write is one statement with one value "
        f"for all {rows:,} rows, while the undo has a value of its own for each. Its statements by hand, with nothing decided in "
        f"between (`tests/benchmarks/restore_floor.py`), the best of as many rounds: {parts}. Together {total:.2f} s, "
        f"**{total / write:.1f}** times the write; {(total - best['lock']) / write:.1f} times if the rows weren't looked at "
        f"before they are written, {best['write'] / write:.1f} for the statement that writes alone. The undo takes "
        f"{undo / total:.1f} times all of them together.",
    ]


if __name__ == "__main__":
    main()
