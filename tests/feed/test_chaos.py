"""Nothing missed, nothing twice, whatever happens: writers in other processes, clients that come and go, a reader cut off.

`AUDIT_CHAOS_SECONDS` makes it longer than it is in CI.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from audit_plugin.feed import window
from audit_plugin.feed.reading import last_number
from audit_plugin.models import Entry
from tests.feed.conftest import Start

SECONDS = float(os.environ.get("AUDIT_CHAOS_SECONDS", "6"))
WRITERS = 4
SUBSCRIBERS = 3
WRITER = Path(__file__).with_name("chaos_writer.py")


def conninfo() -> str:
    found = connection.settings_dict
    given: dict[str, Any] = {
        "host": found["HOST"],
        "port": found["PORT"],
        "user": found["USER"],
        "dbname": found["NAME"],
    }
    if found["PASSWORD"]:
        given["password"] = found["PASSWORD"]
    return make_conninfo(**{name: value for name, value in given.items() if value})


class Restless:
    """A client that is dropped again and again, and goes on after the last thing that it got."""

    def __init__(self, start: Start, seed: int) -> None:
        self.start = start
        self.drawn = random.Random(seed)
        self.numbers: list[int] = []
        self.names: list[str] = []
        self.dropped = 0
        self.position: int | None = None

    def follow(self, stop: threading.Event) -> None:
        while not stop.is_set():
            follower = self.start(after=self.position).begun()
            if self.drawn.random() < 0.3:
                follower.pause()
                stop.wait(self.drawn.random())
                follower.resume()
            stop.wait(0.2 + self.drawn.random() / 2)
            follower.leave()
            self._take(follower)
            self.dropped += 1

    def finish(self, last: int) -> None:
        follower = self.start(after=self.position)
        follower.until(lambda: follower.deliveries and follower.deliveries[-1].position >= last)
        follower.leave()
        self._take(follower)

    def _take(self, follower: Any) -> None:
        assert follower.error is None
        self.numbers += follower.numbers
        self.names += [entry.object_repr for entry in follower.entries]
        if follower.deliveries:
            self.position = follower.deliveries[-1].position


def test_nothing_is_missed_and_nothing_comes_twice(
    start: Start, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    # So small that who is away for a moment reads from the table.
    monkeypatch.setattr(window, "MOST_ENTRIES", 200)
    settings.AUDIT_FEED_HEARTBEAT_SECONDS = 0.5
    clients = [Restless(start, seed) for seed in range(SUBSCRIBERS)]
    begun = last_number(connection)
    # So that it isn't taken for the reader's.
    connection.close()
    writers = [
        subprocess.Popen(
            [sys.executable, WRITER, conninfo(), str(seed), str(SECONDS)], stdout=subprocess.PIPE, text=True
        )
        for seed in range(WRITERS)
    ]
    for client in clients:
        client.position = begun
    stop = threading.Event()
    threads = [threading.Thread(target=client.follow, args=(stop,)) for client in clients]
    for thread in threads:
        thread.start()
    killed = 0
    with psycopg.connect(conninfo(), autocommit=True) as killer, psycopg.connect(conninfo()) as unrelated:
        # Open all the time, and none of our business.
        unrelated.execute("CREATE TEMPORARY TABLE elsewhere (n integer)")
        while any(writer.poll() is None for writer in writers):
            time.sleep(SECONDS / 5)
            killed += cut_reader(killer)
    committed = sorted(name for writer in writers for name in writer.communicate()[0].split())
    stop.set()
    for thread in threads:
        thread.join()
    rows = list(Entry.objects.filter(seq__gt=begun).order_by("seq").values_list("seq", "object_repr"))
    for client in clients:
        client.finish(rows[-1][0])
    assert sorted(name for _, name in rows) == committed and "never" not in committed
    for client in clients:
        missed = len({seq for seq, _ in rows} - set(client.numbers))
        doubled = len(client.numbers) - len(set(client.numbers))
        assert (missed, doubled) == (0, 0)
        assert client.numbers == [seq for seq, _ in rows]
        assert sorted(client.names) == committed
    assert killed and all(client.dropped > 3 for client in clients) and len(committed) > 100


def cut_reader(killer: psycopg.Connection[Any]) -> int:
    """End the reader's session on the server; return how many were there."""
    found = killer.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE '%audit_plugin_entry_seq%' AND pid <> pg_backend_pid()"
    ).fetchone()
    assert found is not None
    return int(found[0])
