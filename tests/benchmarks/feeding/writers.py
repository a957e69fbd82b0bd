"""Writers that say when each of their transactions was committed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


def conninfo() -> str:
    """Return the connection string of the database that Django uses."""
    from django.db import connection
    from psycopg.conninfo import make_conninfo

    found = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return make_conninfo(**{name: found[key] for name, key in names.items() if found[key]})


def write(writers: int, rate: float, seconds: float) -> dict[str, float]:
    """Write, and return the moment of each commit by the name of what was written."""
    command = [sys.executable, "-m", "tests.benchmarks.feeding.writers", conninfo(), str(rate), str(seconds)]
    processes = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(writers)
    ]
    moments = {}
    for process in processes:
        for line in process.communicate()[0].splitlines():
            name, moment = line.split()
            moments[name] = float(moment)
    return moments


@contextmanager
def unrelated_transaction() -> Iterator[None]:
    """Keep a transaction open that writes, but nothing that is recorded."""
    with psycopg.connect(conninfo()) as session:
        session.execute("CREATE TEMPORARY TABLE elsewhere (n integer)")
        session.execute("INSERT INTO elsewhere VALUES (1)")
        yield
        session.rollback()


def main(conninfo: str, rate: str, seconds: str, number: str) -> None:
    """Write until the time is over, at even intervals."""
    pause, until = 1 / float(rate), time.time() + float(seconds)
    due = time.time() + pause * int(number) / 8
    written: list[Any] = []
    with psycopg.connect(conninfo) as session:
        while time.time() < until:
            time.sleep(max(0, due - time.time()))
            due += pause
            name = f"w{number}-{len(written)}-{time.time_ns()}"
            session.execute("INSERT INTO testapp_author (name, api_token) VALUES (%s, '')", [name])
            session.commit()
            written.append((name, time.time()))
    for name, moment in written:
        print(name, moment)


if __name__ == "__main__":
    main(*sys.argv[1:])
