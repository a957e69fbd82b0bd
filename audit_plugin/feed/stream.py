"""One stream: what somebody who follows the log gets."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.db import connections, router

from audit_plugin.conf import settings
from audit_plugin.exceptions import InvalidCursor
from audit_plugin.feed import workers
from audit_plugin.feed.errors import FeedUnavailable
from audit_plugin.feed.matching import Matcher
from audit_plugin.feed.reader import Reader, reader_of
from audit_plugin.feed.reading import Piece, last_number, read_piece
from audit_plugin.feed.stopping import is_stopping, woken_on_stop
from audit_plugin.feed.watch import Watch
from audit_plugin.feed.window import Window
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.visibility import Scope

#: How long the log may be out of reach before a stream ends, so that its reader tries elsewhere.
PATIENCE_SECONDS = 20.0
#: What a stream reads from the table at once: it is held until the last of it is taken, however slowly.
MOST_ENTRIES = 100
MOST_BYTES = 256 * 1024


@dataclass(frozen=True)
class Delivery:
    """Something that arrives in a stream.

    Attributes:
        position: The number to go on after: everything up to it has been delivered.
        entry: The entry; None when the stream only says that it is alive, and how far it has come.
    """

    position: int
    entry: Entry | None = None


def follow(
    watch: Watch, given: EntryFilter, *, after: int | None = None, using: str | None = None
) -> AsyncGenerator[Delivery, None]:
    """Yield entries as they are committed, each once, in the order of `seq`, until the server is told to end.

    The first delivery has no entry: it says that the stream has begun, and where. Everything committed before can be read from
    the log by then, everything after will be delivered.

    Args:
        watch: Decides what may be seen, at the beginning and every `AUDIT_FEED_RECHECK_SECONDS`.
        given: Only entries that this filter lets through.
        after: The position to go on after; None: only what is new.
        using: The database alias; the one that Django would write the log to by default.

    Raises:
        FeedClosed: Whoever follows may not, or may not any more.
        FeedUnavailable: The log can't be read.
        InvalidCursor: The log hasn't come as far as `after` yet, so that is the position in another one.
    """
    return Stream(reader_of(using or router.db_for_write(Entry)), watch, given, after).deliveries()


class Stream:
    """The state of one stream: a place in the log and what may be seen, no connection, no thread and no queue."""

    def __init__(self, reader: Reader, watch: Watch, given: EntryFilter, after: int | None) -> None:
        self.reader = reader
        self.watch = watch
        self.given = given
        self.matches = Matcher(given)
        self.position = after or 0
        # Without a place to go on after, the place is that of the first window, which may have to be waited for.
        self._placed = after is not None
        self._window: Window | None = None
        self._scope = Scope(nothing=True)
        self._next_look = 0.0
        self._last_sign = time.monotonic()

    async def deliveries(self) -> AsyncGenerator[Delivery, None]:
        """Yield what arrives; see `follow`."""
        await self._look()
        if self._placed:
            await self._check_position(self.position)
        with self.reader.attached() as news, woken_on_stop(news):
            while not is_stopping():
                news.clear()
                begun = self._window is not None
                if (window := self.reader.window) is not None:
                    self._enter(window)
                    if not begun:
                        yield self._sign()
                    async for delivery in self._new(window):
                        yield delivery
                if self._sign_due:
                    yield self._sign()
                self._give_up_in_time()
                await self._wait(news)

    def _enter(self, window: Window) -> None:
        if not self._placed:
            self.position, self._placed = window.end, True
        elif self._window is not None and self._window is not window and self.position > window.end:
            raise FeedUnavailable("The log was replaced by another one.")
        self._window = window

    async def _new(self, window: Window) -> AsyncGenerator[Delivery, None]:
        """Yield what is new, from the window or, to whoever can't use that, from the table."""
        while self.position < window.end and not is_stopping():
            await self._look_if_due()
            found = None if self.matches.needs_database else window.next(self.position, self._wants)
            if found is None:
                async for delivery in self._from_table(self.position, window.end):
                    yield delivery
                continue
            self.position, entry = found
            if entry is not None:
                yield self._deliver(entry)

    async def _from_table(self, after: int, upto: int) -> AsyncGenerator[Delivery, None]:
        piece = await self._read(after, upto)
        for entry in piece.entries:
            await self._look_if_due()
            if self._scope.sees(entry):
                yield self._deliver(entry)
        self.position = piece.upto
        # Of a long way with little to deliver, the part that lies behind need not be gone again.
        if self._sign_due:
            yield self._sign()

    def _wants(self, entry: Entry) -> bool:
        return self._scope.sees(entry) and self.matches(entry)

    def _deliver(self, entry: Entry) -> Delivery:
        self.position = entry.seq
        self._last_sign = time.monotonic()
        return Delivery(entry.seq, entry)

    async def _read(self, after: int, upto: int) -> Piece:
        def read() -> Piece:
            entries = self.given.apply(self._scope.entries(self.reader.using))
            return read_piece(entries, after, upto, most_entries=MOST_ENTRIES, most_bytes=MOST_BYTES)

        try:
            return await workers.run(read)
        except DatabaseError as error:
            raise FeedUnavailable from error

    async def _check_position(self, position: int) -> None:
        using = self.reader.using
        try:
            last = await workers.run(lambda: last_number(connections[using]))
        except DatabaseError as error:
            raise FeedUnavailable from error
        if position > last:
            raise InvalidCursor

    async def _look_if_due(self) -> None:
        if time.monotonic() >= self._next_look:
            await self._look()

    async def _look(self) -> None:
        try:
            self._scope = await workers.run(self.watch.look)
        except DatabaseError as error:
            raise FeedUnavailable from error
        # Not all at once after all have connected at once.
        self._next_look = time.monotonic() + settings.FEED_RECHECK_SECONDS * random.uniform(0.8, 1)  # noqa: S311

    @property
    def _sign_due(self) -> bool:
        return self._placed and time.monotonic() >= self._last_sign + settings.FEED_HEARTBEAT_SECONDS

    def _sign(self) -> Delivery:
        self._last_sign = time.monotonic()
        return Delivery(self.position)

    def _give_up_in_time(self) -> None:
        since = self.reader.failing_since
        if since is not None and time.monotonic() - since > PATIENCE_SECONDS:
            raise FeedUnavailable

    async def _wait(self, news: asyncio.Event) -> None:
        due = self._next_look
        if self._placed:
            due = min(due, self._last_sign + settings.FEED_HEARTBEAT_SECONDS)
        # Cheaper than a task with a timeout, for hundreds of streams many times a second.
        timer = asyncio.get_running_loop().call_later(max(due - time.monotonic(), 0), news.set)
        try:
            await news.wait()
        finally:
            timer.cancel()
        await self._look_if_due()
