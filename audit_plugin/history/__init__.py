"""One record through time: its entries, its state at any of them, and records that are gone."""

from audit_plugin.history.deleted import deleted_records
from audit_plugin.history.state import State, as_of
from audit_plugin.history.subjects import Subject, history, labels_of, subjects
from audit_plugin.history.viewers import Viewer, reads_of, viewers

__all__ = [
    "State",
    "Subject",
    "Viewer",
    "as_of",
    "deleted_records",
    "history",
    "labels_of",
    "reads_of",
    "subjects",
    "viewers",
]
