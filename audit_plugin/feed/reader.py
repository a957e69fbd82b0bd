"""The one reader of a process: a thread that asks the database what is new, and wakes those who wait for it."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from audit_plugin.conf import settings
from audit_plugin.connections import own_connection
from audit_plugin.feed.errors import FeedUnavailable
from audit_plugin.feed.horizon import Horizon
from audit_plugin.feed.reading import last_number, read_piece, writers
from audit_plugin.feed.window import Window
from audit_plugin.models import Entry

logger = logging.getLogger("audit_plugin.feed")

#: The pause while numbers wait to be settled, and for so long after something came: the next is likely near.
BUSY_SECONDS = 0.02
BUSY_FOR = 0.5
#: How long the thread goes on without anybody who follows: they may only be changing pages.
LINGER_SECONDS = 10.0
#: Pauses after an error, doubled up to the longest.
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


class Reader:
    """Follows the log of one database. Its thread runs while somebody is attached.

    Args:
        using: The database alias; a primary server, as only that one knows who is writing.

    Attributes:
        window: The newest entries; None until the first number is known to be settled.
        failing_since: When reading began to fail, by `time.monotonic`; None while it works.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self.window: Window | None = None
        self.failing_since: float | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._followers: dict[asyncio.AbstractEventLoop, set[asyncio.Event]] = {}
        self._left_at = 0.0

    @contextmanager
    def attached(self) -> Iterator[asyncio.Event]:
        """Keep the thread running during the block; yields an event of the running loop that is set when there is news.

        Raises:
            FeedUnavailable: So many are attached already that there is no place left.
        """
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            if sum(map(len, self._followers.values())) >= settings.FEED_STREAMS:
                raise FeedUnavailable(
                    "Too many follow the log at once. Come back a little later, with the last cursor."
                )
            self._followers.setdefault(loop, set()).add(event)
            if self._thread is None:
                self._start()
        try:
            yield event
        finally:
            with self._lock:
                events = self._followers[loop]
                events.discard(event)
                if not events:
                    del self._followers[loop]
                self._left_at = time.monotonic()

    def stop(self) -> None:
        """End the thread, and wait for it. Whoever still follows is told nothing; see `stopping`."""
        with self._lock:
            thread = self._thread
            self._stop.set()
        if thread is not None:
            thread.join(timeout=5)

    def _start(self) -> None:
        self._stop = threading.Event()
        self.window = None
        self.failing_since = None
        # A daemon, so that it neither inherits the request that came first nor keeps the process from ending.
        self._thread = threading.Thread(
            target=self._run, args=(self._stop,), name=f"audit-feed-{self.using}", daemon=True
        )
        self._thread.start()

    def _run(self, stop: threading.Event) -> None:
        pause = FIRST_PAUSE
        horizon = Horizon()
        while not self._finished(stop):
            try:
                with own_connection(self.using) as connection:
                    # The ORM finds it where it finds any thread's connection.
                    connections[self.using] = connection
                    horizon.forget()
                    for _reading in self._read(connection, horizon, stop):
                        pause = FIRST_PAUSE
                        self.failing_since = None
            except DatabaseError:
                if self.failing_since is None:
                    self.failing_since = time.monotonic()
                    logger.warning("The audit feed can't read the log; trying again.", exc_info=True)
                stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except Exception:
                # Without this thread nobody would learn anything any more, so it goes on whatever happens.
                logger.exception("The audit feed failed; trying again.")
                self.failing_since = self.failing_since or time.monotonic()
                stop.wait(LONGEST_PAUSE)

    def _finished(self, stop: threading.Event) -> bool:
        """Return whether to end, and if so make room for a successor in the same moment."""
        with self._lock:
            if not stop.is_set() and not self._idle:
                return False
            if self._stop is stop:
                self._thread = None
            return True

    def _read(
        self, connection: BaseDatabaseWrapper, horizon: Horizon, stop: threading.Event
    ) -> Iterator[None]:
        _refuse_standby(connection)
        busy_until = 0.0
        while True:
            last = last_number(connection)
            if horizon.settled is not None and last < horizon.settled:
                # Another log than before: a test emptied it, or a backup took its place.
                horizon.settled = None
                horizon.forget()
                self.window = None
            if horizon.waiting or last != horizon.settled:
                busy_until = time.monotonic() + BUSY_FOR
                horizon.advance(last, writers(connection))
            if horizon.settled is not None:
                # Also when nothing is new: the last time it may have failed halfway.
                self._catch_up(horizon.settled)
            yield
            stop.wait(BUSY_SECONDS if time.monotonic() < busy_until else settings.FEED_POLL_SECONDS)
            if stop.is_set() or self._idle:
                return

    @property
    def _idle(self) -> bool:
        return not self._followers and time.monotonic() - self._left_at > LINGER_SECONDS

    def _catch_up(self, settled: int) -> None:
        if self.window is None:
            self.window = Window(settled)
            self._wake()
        while self.window.end < settled:
            piece = read_piece(Entry.objects.using(self.using), self.window.end, settled)
            self.window.add(piece)
            if piece.entries:
                self._wake()

    def _wake(self) -> None:
        with self._lock:
            waiting = [(loop, list(events)) for loop, events in self._followers.items()]
        for loop, events in waiting:
            try:
                loop.call_soon_threadsafe(_set_all, events)
            except RuntimeError:
                # A loop that was closed with streams still open, as tests do.
                with self._lock:
                    self._followers.pop(loop, None)


def _set_all(events: list[asyncio.Event]) -> None:
    for event in events:
        event.set()


def _refuse_standby(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        if cursor.fetchone()[0]:
            raise DatabaseError(
                "The audit feed reads from the primary server: a standby doesn't know who is writing."
            )


_readers: dict[str, Reader] = {}
_readers_lock = threading.Lock()

# A forked worker has none of its parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_readers.clear)


def reader_of(using: str) -> Reader:
    """Return the reader of a database in this process."""
    with _readers_lock:
        if using not in _readers:
            _readers[using] = Reader(using)
            atexit.register(_readers[using].stop)
        return _readers[using]
