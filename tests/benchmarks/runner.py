"""One contestant's side of a measurement: its models, its connection, and the clock."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib import import_module
from time import perf_counter
from types import TracebackType
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection

from tests.benchmarks import recording
from tests.benchmarks.contestants import Contestant
from tests.benchmarks.data import values

#: Volumes that differ from each other.
DISTINCT = 20_000
_values = lru_cache(maxsize=DISTINCT)(values)


class Timed:
    """Times a block, with the contestant's own block around an action in it."""

    def __init__(self, recorder: recording.Recording, seconds: list[float]) -> None:
        self._recorder = recorder
        self._seconds = seconds

    def __enter__(self) -> None:
        self._start = perf_counter()
        self._action = self._recorder.action()
        self._action.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._action.__exit__(kind, error, trace)
        self._seconds.append(perf_counter() - self._start)


class Runner:
    """What a scenario works with.

    Attributes:
        Book: A model of twelve columns that nothing refers to.
        Novel: The same, with chapters that a deletion cascades to.
        Anthology: The same, with a many-to-many field `tags`.
        recorder: The contestant's ways.
        counting: Whether to count what gets into the logs while `measuring`, which costs too much to do it always.
        counted: How many rows that were.
    """

    def __init__(self, contestant: Contestant) -> None:
        label = contestant.app
        self.Book: Any = apps.get_model(label, "Book")
        self.Novel: Any = apps.get_model(label, "Novel")
        self.Chapter: Any = apps.get_model(label, "Chapter")
        self.Anthology: Any = apps.get_model(label, "Anthology")
        self.Tag: Any = apps.get_model(label, "Tag")
        user, _ = get_user_model().objects.get_or_create(
            username="ann", defaults={"email": "ann@example.com", "first_name": "Ann", "last_name": "Archer"}
        )
        self.recorder: recording.Recording = import_module(f"{contestant.module}.recording").Recording(user)
        self.counting = False
        self.counted = 0
        self._number = 0

    def volumes(self, model: Any, count: int) -> list[Any]:
        """Return that many unsaved objects."""
        return [model(**row) for row in self.rows(count)]

    def rows(self, count: int) -> list[dict[str, Any]]:
        """Return the columns of that many volumes; after a while they repeat."""
        self._number += count
        return [_values(number % DISTINCT) for number in range(self._number - count, self._number)]

    def at_least(self, model: Any, count: int) -> None:
        """Make what is missing to have that many in the database."""
        missing = count - model.objects.count()
        if missing > 0:
            with self.recorder.request():
                self.recorder.bulk_create(model, self.volumes(model, missing))

    def stored(self, model: Any, count: int) -> list[Any]:
        """Return the first so many objects in the database, in the order of their keys; makes what is missing."""
        self.at_least(model, count)
        return list(model.objects.order_by("pk")[:count])

    @contextmanager
    def measuring(self, *, request: bool = True) -> Iterator[list[float]]:
        """Make ready to measure, after garbage of earlier work is gone; yields the list that `timed` is to fill.

        Args:
            request: Whether the block is one request.
        """
        gc.collect()
        before = self.recorded() if self.counting else 0
        with self.recorder.request() if request else nullcontext():
            yield []
        self.counted = self.recorded() - before if self.counting else 0

    def timed(self, seconds: list[float]) -> Timed:
        """Return a block whose time is added to `seconds`."""
        return Timed(self.recorder, seconds)

    def recorded(self) -> int:
        """Return how many rows the contestant's logs have."""
        with connection.cursor() as cursor:
            total = 0
            for table in self.recorder.logs:
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
                total += cursor.fetchone()[0]
        return total
