"""An entry as a sentence."""

from __future__ import annotations

from audit_plugin.display.labels import action_label, actor_label, subject_label
from audit_plugin.models import Entry


def describe(entry: Entry) -> str:
    """Return what happened as a sentence, in the current language."""
    return f"{actor_label(entry.context)}: {action_label(entry.action)} {subject_label(entry)}".strip()
