"""Changes of a many-to-many field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.runner import Runner
from tests.benchmarks.scenarios.base import Scenario

KEPT = 300
TAGS = 30


def _change(
    runner: Runner, calls: int, before: tuple[int, int], change: Callable[[Any, list[Any]], object]
) -> list[float]:
    """Give anthologies some of the tags, untimed, and time one change of each."""
    tags = list(runner.Tag.objects.order_by("pk"))
    if not tags:
        tags = runner.Tag.objects.bulk_create([runner.Tag(name=f"tag {number}") for number in range(TAGS)])
    anthologies = runner.stored(runner.Anthology, KEPT)[:calls]
    with runner.recorder.request():
        for anthology in anthologies:
            anthology.tags.set(tags[slice(*before)])
    with runner.measuring() as seconds:
        for anthology in anthologies:
            with runner.timed(seconds):
                change(anthology, tags)
    return seconds


def add(runner: Runner, calls: int) -> list[float]:
    """Add ten to none."""
    return _change(runner, calls, (0, 0), lambda anthology, tags: anthology.tags.add(*tags[:10]))


def replace(runner: Runner, calls: int) -> list[float]:
    """Set ten where five of them were and five others."""
    return _change(runner, calls, (0, 10), lambda anthology, tags: anthology.tags.set(tags[5:15]))


def clear(runner: Runner, calls: int) -> list[float]:
    """Take all ten away."""
    return _change(runner, calls, (0, 10), lambda anthology, tags: anthology.tags.clear())


LINKS = (
    Scenario("m2m_add", "many-to-many add() of 10", add, 20, 8, waits=True),
    Scenario("m2m_set", "many-to-many set() of 10, 5 new", replace, 20, 8, waits=True),
    Scenario("m2m_clear", "many-to-many clear() of 10", clear, 20, 8, waits=True),
)
