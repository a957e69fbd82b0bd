"""Undo one change, a record, or a whole request: first a plan, then the same run for good.

See docs/explanation/restore.md for how it decides, docs/how-to/restore.md for how to use it.
"""

from audit_plugin.restore.api import apply, plan
from audit_plugin.restore.asks import Ask, AsOf, Deleted, Entries, Request, Undo, Version
from audit_plugin.restore.codes import Choice, Code
from audit_plugin.restore.errors import RestoreError
from audit_plugin.restore.plans import Conflict, FieldStep, Note, Plan, Result, Step, Touch
from audit_plugin.restore.signals import restored, restoring
from audit_plugin.restore.trace import restores_of, source_of

__all__ = [
    "AsOf",
    "Ask",
    "Choice",
    "Code",
    "Conflict",
    "Deleted",
    "Entries",
    "FieldStep",
    "Note",
    "Plan",
    "Request",
    "RestoreError",
    "Result",
    "Step",
    "Touch",
    "Undo",
    "Version",
    "apply",
    "plan",
    "restored",
    "restores_of",
    "restoring",
    "source_of",
]
