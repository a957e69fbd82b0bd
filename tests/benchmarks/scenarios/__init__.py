"""What is measured. A scenario does its work `calls` times and returns how long each took."""

from __future__ import annotations

from tests.benchmarks.scenarios.base import Scenario
from tests.benchmarks.scenarios.bulk import BULK
from tests.benchmarks.scenarios.linear import LINEAR
from tests.benchmarks.scenarios.links import LINKS
from tests.benchmarks.scenarios.single import SINGLE

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in (*SINGLE, *BULK, *LINKS, *LINEAR)}

__all__ = ["SCENARIOS", "Scenario"]
