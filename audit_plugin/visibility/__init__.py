"""Who may see what of the log: one rule for list, counts, choices, history, export and API."""

from audit_plugin.visibility.gate import Refusal, gate
from audit_plugin.visibility.groups import create_groups
from audit_plugin.visibility.rule import (
    Scope,
    may_export,
    may_restore,
    may_view,
    scope_of,
    visible_entries,
)

__all__ = [
    "Refusal",
    "Scope",
    "create_groups",
    "gate",
    "may_export",
    "may_restore",
    "may_view",
    "scope_of",
    "visible_entries",
]
