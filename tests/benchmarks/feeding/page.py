"""The figures as a page."""

from __future__ import annotations

import statistics
from typing import Any

HEAD = """# Benchmarks of the feed

Written by `python -m tests.benchmarks.feed --write`; nothing in here is entered by hand.

{machine}. One uvicorn process, eight writers, all subscribers and PostgreSQL share these cores. In the middle of each run a
transaction that has nothing to do with the log stays open for three seconds. Each subscriber asks for the id, action, name
and actor of every entry. Medians of {rounds} runs, which {spread}.

Deliveries are counted by the second, and by the second of CPU time that the server used, connecting left out; the times are those
from commit to client; connections are those to the database.

| subscribers | entries | deliveries | missed | a second | a second of CPU | median | 99 of 100 | connections |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def page(results: list[dict[str, Any]], machine: str) -> str:
    """Return the page.

    Args:
        results: What all runs found.
        machine: Where they took place.
    """
    sizes = sorted({result["subscribers"] for result in results})
    groups = {size: [r for r in results if r["subscribers"] == size] for size in sizes}
    rows = []
    for size, group in groups.items():
        middle = {name: statistics.median(r[name] for r in group) for name in group[0]}
        rows.append(
            f"| {size} | {middle['entries']:.0f} | {middle['deliveries']:,.0f} | {sum(r['missed'] for r in group)} "
            f"| {middle['per_second']:,.0f} | {middle['per_cpu_second']:,.0f} | {middle['p50']:.0f} ms | {middle['p99']:.0f} ms "
            f"| {max(r['connections'] for r in group)} |"
        )
    waits = [
        f"{min(r['p99'] for r in group):.0f}–{max(r['p99'] for r in group):.0f} ms"
        for group in groups.values()
    ]
    spread = f"had 99 of 100 deliveries within {' and '.join(waits)}"
    rounds = max(len(group) for group in groups.values())
    return HEAD.format(machine=machine, rounds=rounds, spread=spread) + "\n".join(rows) + "\n"
