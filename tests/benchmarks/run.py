"""One run: every scenario asked for, by every contestant asked for."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.contestants import OURS
from tests.benchmarks.measure import Result, measure
from tests.benchmarks.scenarios import SCENARIOS, Scenario
from tests.benchmarks.workers import Remote

#: Saves for the bytes of an update, and statements of each kind for the cost of a trigger.
SAVES = 20_000
SAMPLES = 1_000

#: What a quick run leaves of rounds, saves and samples, and what it doesn't go beyond.
QUICK = 5
LARGEST_QUICK = 100_000

BYTES = "bytes"
FLOOR = "floor"


@dataclass
class Figures:
    """All that was measured.

    Attributes:
        waiting: By scenario and contestant, where a commit waits for the disk.
        not_waiting: The same where it doesn't, for scenarios that are mostly waiting otherwise.
        storage: By contestant, see `storage.measure`.
        floor: See `floor.measure`.
        server: The server's version and settings.
        quick: Whether it was a quick run.
        minutes: How long all took.
    """

    waiting: dict[str, Mapping[str, Result]] = field(default_factory=dict)
    not_waiting: dict[str, Mapping[str, Result]] = field(default_factory=dict)
    storage: dict[str, dict[str, Any]] = field(default_factory=dict)
    floor: dict[str, float] = field(default_factory=dict)
    server: dict[str, str] = field(default_factory=dict)
    quick: bool = False
    minutes: float = 0


def run(
    figures: Figures,
    remotes: Mapping[str, Remote],
    names: Sequence[str],
    *,
    seed: int,
    say: Callable[[str], object],
) -> None:
    """Measure.

    Args:
        figures: Is filled as the run goes on, so that one broken off leaves what it had.
        remotes: The contestants' processes.
        names: Scenarios, `bytes` and `floor`.
        seed: What the order of turns is drawn from.
        say: Is told what goes on.
    """
    figures.server = next(iter(remotes.values())).order("server")
    draw = random.Random(seed)
    share = QUICK if figures.quick else 1
    for remote in remotes.values():
        say(f"warming up {remote.name}")
        remote.order("warm_up")
    if BYTES in names:
        for remote in remotes.values():
            say(f"bytes of an update: {remote.name}")
            figures.storage[remote.name] = remote.order("storage", saves=SAVES // share)
    for name in names:
        if (scenario := SCENARIOS.get(name)) is not None and not (
            figures.quick and scenario.rows > LARGEST_QUICK
        ):
            _run_scenario(figures, scenario, remotes, draw, share, say)
    if FLOOR in names and OURS in remotes:
        say("the server's part")
        figures.floor = remotes[OURS].order("floor", samples=SAMPLES // share)


def _run_scenario(
    figures: Figures,
    scenario: Scenario,
    remotes: Mapping[str, Remote],
    draw: random.Random,
    share: int,
    say: Callable[[str], object],
) -> None:
    rounds = max(scenario.rounds // share, 2)
    say(scenario.title)
    figures.waiting[scenario.name] = measure(scenario, remotes, rounds=rounds, wait=True, draw=draw)
    if scenario.waits:
        say(f"{scenario.title}, not waiting for the disk")
        figures.not_waiting[scenario.name] = measure(scenario, remotes, rounds=rounds, wait=False, draw=draw)
