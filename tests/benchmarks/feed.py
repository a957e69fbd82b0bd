"""From commit to client: how long an entry takes, and how many a process delivers; writes docs/benchmarks-feed.md.

    AUDIT_PGDATA=/var/tmp/audit-feed python -m tests.benchmarks.feed

A server (uvicorn, one process), writers in processes of their own, and all subscribers in one more share the machine. The server
has a core to itself but for PostgreSQL, where there are two. One more session begins a transaction in the middle that has nothing
to do with the log, and keeps it open for three seconds.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.feeding.page import SCENARIOS, WRITERS, Scenario, page

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "benchmarks-feed.md"
SETTINGS = "tests.benchmarks.feeding.settings"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.feed", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks-feed.md")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    os.environ.setdefault("DATABASE_NAME", "audit_bench_feed")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    cores = sorted(os.sched_getaffinity(0))
    # Writers inherit it; the server is moved to the other one.
    os.sched_setaffinity(0, set(cores[1:] or cores))
    results: dict[Scenario, list[dict[str, Any]]] = {scenario: [] for scenario in SCENARIOS}
    for _ in range(arguments.rounds):
        for scenario in SCENARIOS:
            result = measure(scenario, arguments.seconds, cores[0])
            print(scenario.name, result, flush=True)
            results[scenario].append(result)
    text = page(results, arguments.seconds, len(cores))
    print(text)
    if arguments.write:
        PAGE.write_text(text, "utf-8")


def measure(scenario: Scenario, seconds: float, core: int) -> dict[str, Any]:
    """Return what one run found.

    Args:
        scenario: Who follows, and how much is written.
        seconds: How long they write.
        core: Where the server runs.
    """
    from tests.benchmarks.feeding.clients import follow
    from tests.benchmarks.feeding.writers import unrelated_transaction, write

    with serving(core, scenario.app, *scenario.options) as (port, pid):
        before = 0.0

        def write_from_now() -> dict[str, float]:
            # All are connected by now, so only what is delivered counts.
            nonlocal before
            before = cpu_seconds(pid)
            return write(WRITERS, scenario.rate, seconds)

        found = follow(port, scenario.subscribers, write_from_now, unrelated_transaction)
        found["per_cpu_second"] = found["deliveries"] / (cpu_seconds(pid) - before)
        return found


def cpu_seconds(pid: int) -> float:
    """Return how much a process has worked so far, whatever else the machine did meanwhile."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(core: int, app: str, *options: str) -> Iterator[tuple[int, int]]:
    """Run the server; yields its port and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", f"--port={port}", "--log-level=warning", *options]
    process = subprocess.Popen([*command, app], cwd=ROOT)
    os.sched_setaffinity(process.pid, {core})
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
