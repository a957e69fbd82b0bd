"""The other packages' side; `python -m tests.benchmarks.reading peers` starts it, with the models in the environment."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

import django


def main() -> None:
    """Fill their tables, or render the pages that standard input names and print a line of JSON for each."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.reading.peers.settings"
    django.setup()
    if sys.argv[1] == "fill":
        from tests.benchmarks.reading.peers.fill import fill

        fill(lambda line: print(line, flush=True), sys.argv[2], int(sys.argv[3]))
        return
    from django.contrib.auth.models import User
    from django.db import connection

    from tests.benchmarks.reading.rendering import View, measure_within, signed_in

    with connection.cursor() as cursor:
        # As for ours: else a part of the work would be done by other processes, and not be counted.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        # A slow page is rendered once: the disk is to have been read before.
        cursor.execute("SET enable_indexonlyscan = off")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {table}")
        cursor.execute("RESET enable_indexonlyscan")
    client = signed_in(User.objects.get(username="admin"))
    for given in json.load(sys.stdin):
        print(json.dumps(asdict(measure_within(client, View(**given), float(sys.argv[2])))), flush=True)


if __name__ == "__main__":
    main()
