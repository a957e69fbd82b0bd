"""One contestant's process: takes orders on its standard input, a line of JSON each, and answers in kind.

Run by `tests.benchmarks.workers`, with BENCH_CONTESTANT in the environment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.errors import QueryCanceled

from sample_project import postgres
from tests.benchmarks.contestants import Contestant

#: Single saves before anything is measured: by then every plan that is going to be cached has been.
WARM_UP = 1_000

#: A table that tells a database of ours, finished or not, from somebody else's.
MARK = "made_by_the_benchmark"


class Worker:
    """Carries out orders; each public method is one."""

    def __init__(self, contestant: Contestant) -> None:
        from tests.benchmarks.runner import Runner

        self._contestant = contestant
        self._create_database()
        self._runner = Runner(contestant)

    def _create_database(self) -> None:
        entry = settings.DATABASES["default"]
        name = entry["NAME"]
        address = {
            key: entry[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
        }
        postgres.drop(address, only_with_table=MARK)
        postgres.database(name)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {MARK} ()")
        # Ours have no migrations and are made first; some refer to the users.
        call_command("migrate", "auth", verbosity=0)
        call_command("migrate", run_syncdb=True, verbosity=0)
        for command in self._contestant.commands:
            call_command(*command, verbosity=0)

    def warm_up(self) -> None:
        """Save often, and create and delete a few times, so that the first measurement is like the last."""
        from tests.benchmarks.scenarios.single import create, delete, save

        self.wait_for_disk(False)
        for work, calls in ((create, WARM_UP // 10), (save, WARM_UP), (delete, 20)):
            work(self._runner, calls)
        self.wait_for_disk(True)

    def wait_for_disk(self, wait: bool) -> None:
        """Say whether a commit waits until the disk has it."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET synchronous_commit = {'on' if wait else 'off'}")

    def settle(self) -> None:
        """Vacuum now rather than in the middle of a measurement. The server forgets its plans over it."""
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def run(self, scenario: str, size: int, timeout: int, counting: bool = False) -> dict[str, Any] | None:
        """Do one round of a scenario.

        Args:
            scenario: Its name.
            size: How many calls, or rows.
            timeout: Seconds that a statement may take.
            counting: Whether to count what gets into the logs.

        Returns:
            The `seconds` of each call and the rows `recorded`; None where a statement took too long.
        """
        from tests.benchmarks.scenarios import SCENARIOS

        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {timeout * 1000}")
        self._runner.counting = counting
        try:
            return {"seconds": SCENARIOS[scenario].work(self._runner, size), "recorded": self._runner.counted}
        except django.db.OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            return None

    def storage(self, saves: int) -> dict[str, Any]:
        """Measure what an update takes in the log."""
        from tests.benchmarks.storage import measure

        self.wait_for_disk(False)
        try:
            return measure(self._runner, saves)
        finally:
            self.wait_for_disk(True)

    def floor(self, samples: int) -> dict[str, float]:
        """Measure what the server spends in our triggers, and what it can't do without."""
        from tests.benchmarks.floor import measure

        return measure(self._runner, samples)

    def server(self) -> dict[str, str]:
        """Return the server's version and the settings that matter here."""
        names = (
            "server_version",
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "wal_level",
            "shared_buffers",
            "jit",
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", [list(names)]
            )
            return dict(cursor.fetchall())

    def drop(self) -> None:
        """Drop the contestant's database."""
        connection.close()
        postgres.drop(settings.DATABASES["default"], only_with_table=MARK)


def main() -> None:
    """Answer orders until there are no more."""
    # Whatever a library prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    worker = Worker(settings.CONTESTANT)
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        order, arguments = json.loads(line)
        method: Callable[..., Any] = getattr(worker, order)
        print(json.dumps(method(**arguments)), file=answers, flush=True)


if __name__ == "__main__":
    main()
