"""Finds entries fast whatever the conditions: see docs/explanation/reading.md.

Nothing here decides what is found, only how: every query carries the full conditions on the columns of the log itself.
"""

from audit_plugin.finder.find import count_up_to, spread, take, take_all
from audit_plugin.finder.narrowing import Narrowing
from audit_plugin.finder.queryset import EntryQuerySet

__all__ = ["EntryQuerySet", "Narrowing", "count_up_to", "spread", "take", "take_all"]
