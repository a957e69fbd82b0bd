"""Where a run took place."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.contestants import CONTESTANTS


def describe() -> list[str]:
    """Return the machine, a line each."""
    return [
        f"{_processor()}, {os.cpu_count()} cores, {_memory()}",
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        ", ".join(f"{name} {number}" for name, number in _versions().items()),
    ]


def _versions() -> dict[str, str]:
    names = ["django", "psycopg", *(contestant.distribution for contestant in CONTESTANTS.values())]
    found = {}
    for name in dict.fromkeys(names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            # This project, run from its sources.
            found[name] = "from source"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "memory unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"
