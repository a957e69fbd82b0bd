"""Streams in a test: gathered in a thread with a loop of its own, while the test writes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection

from audit_plugin import testing
from audit_plugin.feed import Delivery, follow, reader, workers
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.visibility import Scope
from tests.export.conftest import make_user

SECONDS = 20


class Everything:
    """A watch that lets everything through, until it is told otherwise."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.error: Exception | None = None
        self.looks = 0

    def look(self) -> Scope:
        self.looks += 1
        if self.error:
            raise self.error
        return self.scope


class Follower:
    """Somebody who follows, and what they have got so far."""

    def __init__(self, make: Callable[[], AsyncGenerator[Delivery, None]]) -> None:
        self.deliveries: list[Delivery] = []
        self.error: BaseException | None = None
        self._changed = threading.Condition()
        self._go = threading.Event()
        self._go.set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(make,))
        self._thread.start()

    def _run(self, make: Callable[[], AsyncGenerator[Delivery, None]]) -> None:
        self._task = self._loop.create_task(self._gather(make()))
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            self.error = error
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
            with self._changed:
                self._changed.notify_all()

    async def _gather(self, stream: AsyncGenerator[Delivery, None]) -> None:
        async for delivery in stream:
            with self._changed:
                self.deliveries.append(delivery)
                self._changed.notify_all()
            while not self._go.is_set():
                await asyncio.sleep(0.01)

    @property
    def entries(self) -> list[Entry]:
        return [delivery.entry for delivery in self.deliveries if delivery.entry is not None]

    @property
    def numbers(self) -> list[int]:
        return [entry.seq for entry in self.entries]

    def until(self, condition: Callable[[], Any], seconds: float = SECONDS) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, seconds), (self.deliveries[-3:], self.error)

    def begun(self) -> Follower:
        """Wait for the first sign."""
        self.until(lambda: self.deliveries)
        assert self.deliveries[0].entry is None
        return self

    def pause(self) -> None:
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def ended(self) -> BaseException | None:
        """Wait for the stream's end, and return what ended it."""
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        return self.error

    def leave(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(SECONDS)


Start = Callable[..., Follower]


@pytest.fixture
def start(transactional_db: None) -> Iterator[Start]:
    """Return a function that starts to follow: a watch, a filter, and where to go on."""
    # Earlier tests may have committed what Django's `flush` let be recorded.
    testing.clear()
    followers = []

    def begin(watch: Any = None, given: EntryFilter = EntryFilter(), **choices: Any) -> Follower:  # noqa: B008
        follower = Follower(lambda: follow(watch or Everything(), given, **choices))
        followers.append(follower)
        return follower

    yield begin
    for follower in followers:
        follower.leave()
    stop_reading()


def stop_reading() -> None:
    """End the reader and the workers: their connections would be in the way of the next test."""
    for found in reader._readers.values():
        found.stop()
    reader._readers.clear()
    pools: list[ThreadPoolExecutor] = workers._pools
    while pools:
        pools.pop().shutdown()


@contextmanager
def another_session() -> Iterator[psycopg.Connection[Any]]:
    """Yield a connection to the test's database that commits only when told to."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"], dbname=settings["NAME"]
    ) as session:
        yield session


def write(session: psycopg.Connection[Any], name: str) -> None:
    session.execute("INSERT INTO testapp_author (name, api_token) VALUES (%s, '')", [name])


@pytest.fixture
def viewer(transactional_db: None) -> User:
    """A user who sees entries of authors."""
    return make_user("viewer", "audit_plugin.view_entry", "testapp.view_author")
