"""The command; `tox -e bench -- --help` explains it."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from tests.benchmarks.contestants import CONTESTANTS, PLAIN
from tests.benchmarks.report import document, tables
from tests.benchmarks.run import BYTES, FLOOR, Figures, run
from tests.benchmarks.scenarios import SCENARIOS
from tests.benchmarks.verdicts import verdicts
from tests.benchmarks.workers import workers

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main() -> int:
    """Measure, print, and write the document if asked to."""
    names = [BYTES, *SCENARIOS, FLOOR]
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure the cost of capture."
    )
    parser.add_argument(
        "--quick", action="store_true", help="a fifth of the samples, nothing beyond 100,000 rows"
    )
    parser.add_argument("--only", metavar="NAMES", help=f"comma-separated: {', '.join(names)}")
    parser.add_argument(
        "--beside", metavar="NAMES", help=f"comma-separated, plain is always there: {', '.join(CONTESTANTS)}"
    )
    parser.add_argument(
        "--write", action="store_true", help=f"write {DOCUMENT.relative_to(DOCUMENT.parents[1])}"
    )
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() % 10_000, help="what the order of turns is drawn from"
    )
    options = parser.parse_args()
    only = options.only.split(",") if options.only else names
    beside = options.beside.split(",") if options.beside else list(CONTESTANTS)
    for wrong in {*only, *beside} - {*names, *CONTESTANTS}:
        parser.error(f"{wrong!r} is neither a scenario nor a contestant")
    if options.write and (options.quick or options.only or options.beside):
        parser.error("--write takes a full run")

    started = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {what}", file=sys.stderr, flush=True)

    say("making databases")
    figures = Figures(quick=options.quick)
    # So that a run that is told to end still says what it has found.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with workers([name for name in CONTESTANTS if name == PLAIN or name in beside]) as remotes:
            run(figures, remotes, only, seed=options.seed, say=say)
            if not options.keep:
                for remote in remotes.values():
                    remote.order("drop")
    finally:
        figures.minutes = (time.monotonic() - started) / 60
        print(tables(figures), flush=True)
    missed = [verdict for verdict in verdicts(figures) if not verdict.met]
    if options.write:
        DOCUMENT.write_text(document(figures), "utf-8")
        say(f"wrote {DOCUMENT}")
    return 1 if missed and not options.quick else 0


if __name__ == "__main__":
    sys.exit(main())
