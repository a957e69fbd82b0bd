"""What can be asked for. An ask is small and plain, so that it travels through a form or an API unchanged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit_plugin.models import Entry
from audit_plugin.restore.codes import Code
from audit_plugin.restore.errors import RestoreError


def entry_id(entry: Entry | UUID | str) -> UUID:
    """Return the id of an entry given in any form.

    Raises:
        RestoreError: It is no id (`not_found`).
    """
    if isinstance(entry, Entry):
        return entry.pk
    try:
        return entry if isinstance(entry, UUID) else UUID(str(entry))
    except ValueError:
        raise RestoreError(Code.NOT_FOUND) from None


class Ask:
    """The base of all asks."""

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Undo(Ask):
    """Undo what one entry says: put changed fields back, bring a deleted record back, delete a created one.

    Attributes:
        entry: The entry, or its id.
        with_related: For a deletion: whether what was deleted along with the record comes back as well, and what
            referred to it refers to it again.
    """

    entry: UUID
    with_related: bool = False

    def __post_init__(self) -> None:
        self._set("entry", entry_id(self.entry))


@dataclass(frozen=True)
class Version(Ask):
    """Put a record back to what it was right after an entry, or right before it.

    Attributes:
        entry: The entry, or its id.
        before: Whether the state before the entry is wanted.
    """

    entry: UUID
    before: bool = False

    def __post_init__(self) -> None:
        self._set("entry", entry_id(self.entry))


@dataclass(frozen=True)
class AsOf(Ask):
    """Put a record back to what it was at a time.

    Attributes:
        model: The model's label, or the model.
        object_id: The record's key as the log has it.
        moment: The time, aware.
    """

    model: str
    object_id: str
    moment: datetime

    def __post_init__(self) -> None:
        self._set("model", model_label(self.model))
        self._set("object_id", str(self.object_id))
        if self.moment.tzinfo is None:
            raise ValueError("The moment needs a time zone.")


@dataclass(frozen=True)
class Deleted(Ask):
    """Bring a deleted record back, by its key.

    Attributes:
        model: The model's label, or the model.
        object_id: The record's key as the log has it.
        with_related: See `Undo`.
    """

    model: str
    object_id: str
    with_related: bool = False

    def __post_init__(self) -> None:
        self._set("model", model_label(self.model))
        self._set("object_id", str(self.object_id))


@dataclass(frozen=True)
class Request(Ask):
    """Undo everything that one request, task or command did.

    Attributes:
        id: Its request id, or the id of any of its contexts.
    """

    id: str

    def __post_init__(self) -> None:
        self._set("id", str(self.id))


@dataclass(frozen=True)
class Entries(Ask):
    """Undo several entries as one unit, newest first.

    Attributes:
        ids: The entries, or their ids.
    """

    ids: tuple[UUID, ...]

    def __init__(self, ids: Iterable[Entry | UUID | str]) -> None:
        self._set("ids", tuple(sorted({entry_id(entry) for entry in ids})))


def model_label(model: Any) -> str:
    """Return the label the log knows a model by."""
    meta = getattr(model, "_meta", None)
    return str(meta.concrete_model._meta.label_lower if meta else model).lower()
