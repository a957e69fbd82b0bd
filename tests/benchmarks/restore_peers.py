"""The same ten restores with this project, django-reversion, django-simple-history and pghistory's `revert()`.

    DATABASE_NAME=bench python -m tests.benchmarks.restore_peers --write

Each log runs in a process and a database of its own; docs/restore-peers.md gets what was in the tables afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "restore-peers.md"
PEERS = {
    "ours": "",
    "reversion": "django-reversion",
    "simple_history": "django-simple-history",
    "pghistory": "django-pghistory",
}
#: A table that tells a database of ours from somebody else's.
MARK = "made_by_the_comparison"

Found = list[tuple[str, bool, str]]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.restore_peers", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        print(json.dumps(run(arguments.peer)))
        return
    results: dict[str, Found] = {}
    for peer in PEERS:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.restore_peers", "--peer", peer],
            cwd=ROOT,
            env={**os.environ, "PEER": peer, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.peers.settings"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        results[peer] = json.loads(done.stdout.splitlines()[-1])
    text = page(results)
    print(text)
    if arguments.write:
        PAGE.write_text(text, "utf-8")


def run(peer: str) -> Found:
    """Run the scenarios with the log that is installed in this process."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from sample_project import postgres
    from tests.benchmarks.peers.tools import TOOLS

    entry = settings.DATABASES["default"]
    postgres.drop(entry, only_with_table=MARK)
    postgres.database(entry["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {MARK} ()")
    call_command("migrate", "auth", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    if peer == "pghistory":
        call_command("pgtrigger", "install", verbosity=0)
    from tests.benchmarks.peers.models import Author, Book, Tag
    from tests.benchmarks.peers.scenarios import SCENARIOS

    found = []
    for scenario in SCENARIOS:
        for model in (Book, Author, Tag):
            model.objects.all().delete()
        fine, words = scenario(TOOLS[peer]())
        found.append((str(scenario.__doc__), fine, words))
    connection.close()
    postgres.drop(entry, only_with_table=MARK)
    return found


def page(results: dict[str, Found]) -> str:
    """Return the page."""
    from tests.benchmarks.peers.tools import TOOLS

    heads = [
        f"{TOOLS[peer].title}{f' {version(package)}' if package else ''}<br>{TOOLS[peer].revert}"
        for peer, package in PEERS.items()
    ]
    lines = [
        "# Restoring, side by side",
        "",
        "<!-- Made by `python -m tests.benchmarks.restore_peers --write`. -->",
        "",
        "Ten restores, run with four logs on the same models, each by the call that its documentation names. "
        "A cell says what was in the tables afterwards, or what was raised. "
        "Where a log has no call for a request, it is gone through record by record.",
        "",
        f"| | {' | '.join(heads)} |",
        f"|---|{'---|' * len(heads)}",
    ]
    for number, (title, *_rest) in enumerate(results["ours"]):
        cells = []
        for found in results.values():
            _title, fine, words = found[number]
            cells.append(f"{'✓' if fine else '✗'} {words}".replace("|", "\\|"))
        lines.append(f"| {title} | {' | '.join(cells)} |")
    scores = [f"{sum(fine for _, fine, _ in found)} of {len(found)}" for found in results.values()]
    lines += [
        f"| | {' | '.join(scores)} |",
        "",
        "The scenarios are in `tests/benchmarks/peers/scenarios.py`, the calls in `tests/benchmarks/peers/tools.py`.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
