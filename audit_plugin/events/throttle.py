"""Counting what an attacker repeats: some of it is told one by one, all of it is told in the end."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

#: Of many alike these are recorded, which says how many there were.
TELLING = frozenset(10**power for power in range(1, 10))

#: Kinds that are told one by one when what was held back is told; the others are a number.
TOLD = 5


class Held(NamedTuple):
    """How many of a kind were held back: of all kinds that aren't named where `kind` is None."""

    kind: Any
    number: int
    held: int


class Throttle:
    """Lets the first few of a kind through, then the 10th, the 100th …; and altogether no more than so many a minute.

    It counts in this process only, and remembers a bounded number of kinds: being attacked costs neither disk nor memory.

    Args:
        period: Seconds after which counting begins anew.
        kinds: How many kinds are remembered.
        on_held: Called when the first is held back since `take` was called last; it has to see to it that it is called again.
    """

    def __init__(
        self, period: float = 3600.0, kinds: int = 10_000, on_held: Callable[[], None] | None = None
    ) -> None:
        self._period, self._kinds, self._on_held = period, kinds, on_held
        self._counts: OrderedDict[Any, tuple[float, int]] = OrderedDict()
        self._held: dict[Any, int] = {}
        self._minute, self._passed, self._others = 0.0, 0, 0
        self._waiting = False
        self._lock = Lock()

    def count(self, kind: Any, first: int, per_minute: int) -> tuple[int, int] | None:
        """Count one more of a kind.

        Args:
            kind: What is counted, hashable.
            first: How many of a kind are let through one by one.
            per_minute: How many are let through altogether.

        Returns:
            Its number, and how many of the kind have been held back since the last one was let through; None for one that is
            held back.
        """
        now = time.monotonic()
        with self._lock:
            since, number = self._counts.pop(kind, (now, 0))
            if now - since > self._period:
                since, number = now, 0
            number += 1
            self._counts[kind] = since, number
            if len(self._counts) > self._kinds:
                self._counts.popitem(last=False)
            if now - self._minute > 60:
                self._minute, self._passed = now, 0
            telling = number <= first or number in TELLING
            if telling and self._passed < per_minute:
                self._passed += 1
                return number, self._held.pop(kind, 0)
            if kind in self._held or len(self._held) < self._kinds:
                self._held[kind] = self._held.get(kind, 0) + 1
            else:
                self._others += 1
            begins, self._waiting = not self._waiting, True
        if begins and self._on_held is not None:
            self._on_held()
        return None

    def take(self) -> list[Held]:
        """Return what has been held back and not been told since, the most frequent kinds first, and forget it."""
        with self._lock:
            held, others = sorted(self._held.items(), key=lambda item: -item[1]), self._others
            self._held, self._others, self._waiting = {}, 0, False
            numbers = {kind: self._counts.get(kind, (0.0, 0))[1] for kind, _number in held[:TOLD]}
        found = [Held(kind, numbers[kind], number) for kind, number in held[:TOLD]]
        others += sum(number for _kind, number in held[TOLD:])
        return [*found, Held(None, 0, others)] if others else found

    def clear(self) -> None:
        """Forget everything, for tests."""
        with self._lock:
            self._counts.clear()
            self._held.clear()
            self._minute, self._passed, self._others, self._waiting = 0.0, 0, 0, False
