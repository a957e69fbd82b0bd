"""Nobody is named and nothing is kept."""

from __future__ import annotations

from tests.benchmarks.recording import Recording

__all__ = ["Recording"]
