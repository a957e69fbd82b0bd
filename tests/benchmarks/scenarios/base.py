"""The description of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks.runner import Runner

#: Gets the runner, and how often to do the work or how many rows to do it to; returns the seconds of each time.
Work = Callable[[Runner, int], list[float]]


@dataclass(frozen=True)
class Scenario:
    """One kind of write.

    Attributes:
        name: Short name, for `--only`.
        title: Name in the report.
        work: What each contestant does in one round.
        size: Handed to `work`: calls in a round, or rows in a call.
        rounds: How often all contestants take their turn.
        target: The ratio to plain Django that ours must not exceed.
        waits: Whether the wait for the disk is most of the time, so that it's measured without waiting as well.
        only: The contestants that take part; all where empty.
        rows: Rows that the seconds are divided by in the report; 0 where they aren't.
    """

    name: str
    title: str
    work: Work
    size: int
    rounds: int
    target: float | None = None
    waits: bool = False
    only: Sequence[str] = ()
    rows: int = 0
