"""Counts of entries by kind and day, kept beside the log: for choices, histograms and estimates, never for finding entries."""

from audit_plugin.rollup.counting import behind, catch_up, catching_up, start_anew
from audit_plugin.rollup.reading import Rollup, reading_once

__all__ = ["Rollup", "behind", "catch_up", "catching_up", "reading_once", "start_anew"]
