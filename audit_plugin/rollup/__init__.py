"""Counts of entries by kind and day, kept beside the log: for choices, histograms and estimates, never for finding entries."""

from audit_plugin.rollup.counting import catch_up, install, rebuild
from audit_plugin.rollup.reading import Rollup

__all__ = ["Rollup", "catch_up", "install", "rebuild"]
