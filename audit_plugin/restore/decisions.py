"""Conflicts found and choices made. Both outlast a pass over the data, so that the next one can act on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from audit_plugin.restore.codes import Choice
from audit_plugin.restore.plans import Conflict

#: How many conflicts are kept whole; of more only the ids.
KEPT = 1000

#: Choices by which more is restored.
EXTENDING = (Choice.RESTORE_PARENT, Choice.BRING_BACK)

RecordId = tuple[str, str]


class Decisions:
    """What stands in the way, and what is to be done about it.

    Args:
        resolutions: The choices made, by the conflict's id or code.

    Attributes:
        conflicts: The conflicts found, by id.
        unresolved: The ids of those without a resolution.
        kept: Records to leave as they are, with the id of the conflict behind it.
        kept_fields: The same for single fields.
        cleared: Fields to leave empty.
    """

    def __init__(self, resolutions: Mapping[str, Choice]) -> None:
        self.resolutions = resolutions
        self.conflicts: dict[str, Conflict] = {}
        self.unresolved: set[str] = set()
        self.kept: dict[RecordId, str] = {}
        self.kept_fields: dict[tuple[str, str, str], str] = {}
        self.cleared: set[tuple[str, str, str]] = set()

    def chosen(self, conflict_id: str) -> Choice | None:
        """Return the choice made for a conflict, None where there is none.

        Args:
            conflict_id: Its id, of which the first part is its code.
        """
        found = self.resolutions.get(conflict_id)
        return found or self.resolutions.get(conflict_id.partition(":")[0])

    def decide(self, conflict: Conflict) -> Choice:
        """Take note of a conflict and return what is to be done; without a choice made, all stays as it is."""
        choice = self.chosen(conflict.id)
        if choice not in conflict.choices:
            choice = None
        if choice is None:
            self.unresolved.add(conflict.id)
        if conflict.id in self.conflicts or len(self.conflicts) < KEPT:
            self.conflicts[conflict.id] = replace(conflict, resolution=choice)
        return choice or Choice.KEEP

    def keep(self, record: RecordId, conflict: str, field: str | None = None) -> None:
        """Leave a record, or one field of it, as it is.

        Args:
            record: The record.
            conflict: The id of the conflict behind it.
            field: The field.
        """
        if field is None:
            self.kept.setdefault(record, conflict)
        else:
            self.kept_fields.setdefault((*record, field), conflict)

    def start_over(self) -> None:
        """Forget what was found, except for the conflicts because of which more is restored now."""
        self.conflicts = {
            key: conflict for key, conflict in self.conflicts.items() if conflict.resolution in EXTENDING
        }
        self.unresolved.clear()
        self.kept.clear()
        self.kept_fields.clear()
        self.cleared.clear()


def conflict_id(code: str, *parts: str) -> str:
    """Return the id of a conflict: its code, the model, the record, the field, as far as it is about one.

    Keys may hold anything, so what separates the parts is escaped in them.
    """
    return ":".join([code, *(part.replace("\\", "\\\\").replace(":", "\\:") for part in parts if part)])
