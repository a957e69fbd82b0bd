"""Which numbers are settled: no entry up to there is still to come.

An entry draws its number before its transaction commits, so a smaller number may appear after a greater one. But who
draws a number has locked the table for writing before, and holds that lock to the end. So: read the last number
drawn, then who holds the lock; when all of them are gone, everything up to that number has been committed or never will be.
A transaction that writes elsewhere, or only reads, holds nothing up. One that has written entries itself does, until it ends.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

#: So many readings are kept while a long transaction holds them up. Leaving some out only makes the steps coarser.
MOST_CANDIDATES = 64
#: What the names of prepared transactions begin with in `pg_locks`.
PREPARED = "-1/"


@dataclass(frozen=True)
class Candidate:
    """A number, and who was writing when it was the last one drawn."""

    seq: int
    writers: frozenset[str]


class Horizon:
    """Follows the last settled number.

    Attributes:
        settled: The number; None as long as none is known.
    """

    def __init__(self) -> None:
        self.settled: int | None = None
        self._candidates: deque[Candidate] = deque()

    @property
    def waiting(self) -> bool:
        """Whether numbers have been drawn that are not settled yet."""
        return bool(self._candidates)

    def advance(self, last: int, writers: frozenset[str]) -> int | None:
        """Take a reading into account.

        Args:
            last: The last number drawn, read before `writers`.
            writers: The transactions holding a lock for writing on the table.

        Returns:
            The last settled number.
        """
        self._settle(writers)
        newest = self._candidates[-1].seq if self._candidates else self.settled
        if newest is None or last > newest:
            if len(self._candidates) >= MOST_CANDIDATES:
                self._candidates.pop()
            self._candidates.append(Candidate(last, writers))
            self._settle(writers)
        return self.settled

    def _settle(self, writers: frozenset[str]) -> None:
        # Whoever of an earlier reading still writes was also there at every later one, so the first that stays ends it.
        while self._candidates and not self._is_open(self._candidates[0], writers):
            self.settled = self._candidates.popleft().seq

    @staticmethod
    def _is_open(candidate: Candidate, writers: frozenset[str]) -> bool:
        # Prepared transactions are called anew when the server restarts, so any of them may be one that wrote then.
        return bool(candidate.writers & writers) or any(name.startswith(PREPARED) for name in writers)

    def forget(self) -> None:
        """Drop what was read but not settled: after a server's restart the same names mean other transactions."""
        self._candidates.clear()
