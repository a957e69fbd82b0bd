"""Targets, and whether they were met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.contestants import OURS, PLAIN
from tests.benchmarks.run import Figures
from tests.benchmarks.scenarios import SCENARIOS
from tests.benchmarks.scenarios.linear import SIZES

#: The trigger that does as little as can be, by the scenario whose plain time it comes on top of.
FLOORS = {"create": "bare_pinned", "save": "bare_pinned", "delete": "delete_many_bare"}
#: What a log can't do without: what tells entries apart, and what finds those of a record and of a request.
NEEDED = ("audit_plugin_entry_pkey", "audit_plugin_entry_object", "audit_plugin_entry_context")

#: Bytes of an update beside pghistory's, and by how much a row may cost more among a million than among ten thousand.
BYTES_TARGET = 0.6
LINEAR_TARGET = 1.3


@dataclass(frozen=True)
class Verdict:
    """One target.

    Attributes:
        what: What is limited.
        limit: The limit.
        found: What was measured.
        floor: What would be measured if ours did as little as can be, where that is known.
    """

    what: str
    limit: float
    found: float
    floor: float | None = None

    @property
    def met(self) -> bool:
        """Whether the target was met."""
        return self.found <= self.limit


def verdicts(figures: Figures) -> Iterator[Verdict]:
    """Yield a verdict for each target that was measured."""
    for name, results in figures.waiting.items():
        scenario = SCENARIOS[name]
        if scenario.target is not None and OURS in results:
            yield Verdict(
                f"{scenario.title}, times plain",
                scenario.target,
                results[OURS].ratio.middle,
                _floor(figures, name, results[PLAIN].time.middle * 1e6),
            )
    for kind in ("bulk_create", "insert", "update"):
        rows = [
            results[OURS].time.middle / SCENARIOS[name].rows
            for size, _ in SIZES
            if OURS in (results := figures.waiting.get(name := f"linear_{kind}_{size // 1000}k", {}))
        ]
        if len(rows) > 1:
            yield Verdict(
                f"linear {kind}, a row of the most against a row of the fewest",
                LINEAR_TARGET,
                rows[-1] / rows[0],
            )
    if OURS in figures.storage and "pghistory_row" in figures.storage:
        ours, theirs = (_entry_bytes(figures, name) for name in (OURS, "pghistory_row"))
        each = figures.storage[OURS]["each"]
        least = figures.storage[OURS]["heap"] + sum(each.get(name, 0) for name in NEEDED)
        yield Verdict(
            "bytes of an update, indexes included, times pghistory's",
            BYTES_TARGET,
            ours / theirs,
            least / theirs,
        )


def _floor(figures: Figures, name: str, plain: float) -> float | None:
    trigger = figures.floor.get(FLOORS.get(name, ""))
    return None if trigger is None else (plain + trigger) / plain


def _entry_bytes(figures: Figures, name: str) -> float:
    storage = figures.storage[name]
    return float(storage["heap"] + storage["indexes"])
