"""All contestants in turn, in random order, again and again: what disturbs one disturbs them all."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.benchmarks.contestants import PLAIN
from tests.benchmarks.scenarios import Scenario
from tests.benchmarks.workers import Remote

#: Seconds for one statement, and for all rounds of one contestant, before it is let off.
TIMEOUT = 120
PATIENCE = 60


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles around it."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of at least one value."""
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(median(values), low, high)


@dataclass
class Result:
    """What one contestant took for one scenario.

    Attributes:
        seconds: The median time of a call, one item a round.
        ratios: The same divided by plain Django's of the same round.
        recorded: How many rows its logs got in one round.
        spent: All seconds together.
        gave_up: Whether a statement took longer than TIMEOUT.
    """

    seconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    recorded: int = 0
    spent: float = 0
    gave_up: bool = False

    @property
    def time(self) -> Spread:
        """Seconds a call."""
        return Spread.of(self.seconds)

    @property
    def ratio(self) -> Spread:
        """Times plain Django."""
        return Spread.of(self.ratios)


def measure(
    scenario: Scenario, remotes: Mapping[str, Remote], *, rounds: int, wait: bool, draw: random.Random
) -> dict[str, Result]:
    """Measure one scenario.

    Args:
        scenario: What to measure.
        remotes: The contestants' processes, plain Django's among them.
        rounds: How often everyone takes a turn.
        wait: Whether a commit waits for the disk.
        draw: What the order of turns is drawn with.

    Returns:
        A result for each contestant that takes part.
    """
    results = {name: Result() for name in remotes if not scenario.only or name in scenario.only}
    for name in results:
        remotes[name].order("settle")
        if not scenario.waits:
            # A process that has run for long has a plan for one row in its cache; it must do for many as well.
            remotes[name].order("warm_up")
        remotes[name].order("wait_for_disk", wait=wait)
        # One round for nothing: what the scenario needs is made, and plans and caches are filled.
        first = Result()
        _turn(scenario, remotes[name], first, counting=True)
        results[name].recorded, results[name].gave_up = first.recorded, first.gave_up
    for _ in range(rounds):
        turns = [name for name, result in results.items() if not result.gave_up and result.spent < PATIENCE]
        if PLAIN not in turns:
            break
        draw.shuffle(turns)
        for name in turns:
            _turn(scenario, remotes[name], results[name])
        for name in turns:
            if not results[name].gave_up:
                results[name].ratios.append(results[name].seconds[-1] / results[PLAIN].seconds[-1])
    for name in results:
        remotes[name].order("wait_for_disk", wait=True)
    return results


def _turn(scenario: Scenario, remote: Remote, result: Result, *, counting: bool = False) -> None:
    answer = remote.order(
        "run", scenario=scenario.name, size=scenario.size, timeout=TIMEOUT, counting=counting
    )
    if answer is None:
        result.gave_up = True
        return
    result.seconds.append(median(answer["seconds"]))
    result.spent += sum(answer["seconds"])
    if counting:
        result.recorded = answer["recorded"]
