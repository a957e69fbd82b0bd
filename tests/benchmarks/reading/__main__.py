"""Fill a log and measure how fast it is read.

    python -m tests.benchmarks.reading build --rows 10000000
    python -m tests.benchmarks.reading run

Set AUDIT_PGDATA to keep its server apart from others.
"""

from __future__ import annotations

import argparse
import os

import django


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.reading", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build_command = commands.add_parser("build", help="fill the log")
    build_command.add_argument("--rows", type=int, default=10_000_000)
    arguments = parser.parse_args()

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.reading.settings"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.benchmarks.reading.build import build

    build(arguments.rows, print)


if __name__ == "__main__":
    main()
