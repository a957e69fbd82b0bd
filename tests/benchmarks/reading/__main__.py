"""Fill a log and measure how fast it is read.

    python -m tests.benchmarks.reading build --rows 10000000
    python -m tests.benchmarks.reading run
    python -m tests.benchmarks.reading peers --fill

Set AUDIT_PGDATA to keep its server apart from others.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.benchmarks.reading.rendering import Rendered

ROOT = Path(__file__).parents[3]
DOCUMENT = "docs/benchmarks-reading.md"
PEERS_DOCUMENT = "docs/benchmarks-reading-peers.md"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.reading", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build_command = commands.add_parser("build", help="fill the log")
    build_command.add_argument("--rows", type=int, default=10_000_000)
    run_command = commands.add_parser("run", help="measure, and print the figures")
    run_command.add_argument("--write", action="store_true", help=f"write {DOCUMENT}")
    run_command.add_argument(
        "--only",
        metavar="TEXT",
        default="",
        help="only what has this in its group or name, such as `Search` or `rendered: history`",
    )
    peers_command = commands.add_parser("peers", help="measure other packages' pages beside ours")
    peers_command.add_argument(
        "--fill", action="store_true", help="first store our entries as they would have"
    )
    peers_command.add_argument("--write", action="store_true", help=f"write {PEERS_DOCUMENT}")
    arguments = parser.parse_args()

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.reading.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    if arguments.command == "build":
        from tests.benchmarks.reading.build import build

        build(arguments.rows, print)
        # Counts, and the indexes of months.
        call_command("audit_optimise")
        return
    if arguments.command == "peers" and arguments.fill:
        from tests.benchmarks.reading.beside import fill

        fill()
    with connection.cursor() as cursor:
        # Else a part of the work would be done by other processes, and not be counted.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    if arguments.command == "peers":
        _beside(arguments.write)
    else:
        _alone(arguments.write, "" if arguments.write else arguments.only)


def _beside(write: bool) -> None:
    from tests.benchmarks.reading.beside import answers
    from tests.benchmarks.reading.beside_report import document

    found = answers(lambda whose, page: _say(page, whose))
    if write:
        (ROOT / PEERS_DOCUMENT).write_text(document(found), "utf-8")


def _alone(write: bool, only: str) -> None:
    from tests.benchmarks.reading.cases import cases
    from tests.benchmarks.reading.pages import rendered
    from tests.benchmarks.reading.report import document
    from tests.benchmarks.reading.run import measure

    figures = []
    for case in cases():
        if only not in f"{case.group}: {case.name}":
            continue
        figures.append(measure(case))
        figure = figures[-1]
        print(
            f"{figure.worked:8.1f} {figure.best:8.1f} {figure.middle:8.1f}  {case.group}: {case.name}",
            flush=True,
        )
    pages = []
    for page in rendered(only):
        pages.append(page)
        _say(page, "rendered")
    if write:
        (ROOT / DOCUMENT).write_text(document(figures, pages), "utf-8")


def _say(page: Rendered, whose: str) -> None:
    print(
        f"{page.worked:8.1f} {page.best:8.1f} {page.middle:8.1f}  {page.django:.1f} + {page.database:.1f}, "
        f"{page.queries} statements, {page.size / 1000:.0f} kB  {whose}: {page.view.name}"
        + (" (stopped)" if page.cut else ""),
        flush=True,
    )


if __name__ == "__main__":
    main()
