"""What was counted stays as it is until more is counted, so it is asked for once in each state of the counts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

#: So many rows are kept for each database, in as many answers as these make.
MOST_ROWS = 100_000

Rows = Sequence[tuple[Any, ...]]


class Known:
    """Answers by question, all of one state of the counts of one database."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state = ""
        self._rows = 0
        self._answers: OrderedDict[str, Rows] = OrderedDict()

    def answer(self, state: str, question: str, ask: Callable[[], Rows]) -> Rows:
        """Return the rows that answer a question.

        Args:
            state: What tells this state of the counts from all others.
            question: What is asked, with everything that the answer depends on.
            ask: Asks the database.
        """
        with self._lock:
            if state == self._state and question in self._answers:
                self._answers.move_to_end(question)
                return self._answers[question]
        rows = ask()
        with self._lock:
            if state != self._state:
                self._state, self._rows = state, 0
                self._answers.clear()
            if len(rows) <= MOST_ROWS and question not in self._answers:
                self._answers[question] = rows
                # Even an answer without rows takes some room.
                self._rows += len(rows) + 1
            while self._rows > MOST_ROWS:
                _question, oldest = self._answers.popitem(last=False)
                self._rows -= len(oldest) + 1
        return rows
