"""A record as it was at some point, from what the log says came before or after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from audit_plugin.filters.dates import end_of
from audit_plugin.finder import EntryQuerySet
from audit_plugin.finder.ids import uuid_floor
from audit_plugin.history.live import live_links, live_values
from audit_plugin.history.subjects import Subject, labels_of, subjects
from audit_plugin.models import Entry


@dataclass
class State:
    """A record at one point in time.

    Attributes:
        exists: Whether there was such a record then. If it was deleted by then, `values` is what was deleted.
        values: Values by field, as the log holds them. Fields that are not known are missing.
        links: Keys of the linked records by many-to-many field.
        masked: Secret fields: they had a value that the log doesn't hold.
        entry: The last entry up to that point; None where the log has none from then.
        known: Whether the log or the record itself says what it was; else all is guessed at from nothing.
    """

    exists: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[Any]] = field(default_factory=dict)
    masked: set[str] = field(default_factory=set)
    entry: Entry | None = None
    known: bool = False


def as_of(
    model: type[Model] | str,
    object_id: Any,
    at: Entry | date | datetime,
    *,
    entries: QuerySet[Entry] | None = None,
) -> State:
    """Return a record as it was.

    It is put together forwards from its creation (or baseline) where the log has that, else backwards from its deletion or
    from the record as it is now. Multi-table parents are part of it.

    Args:
        model: The model or its label.
        object_id: The record's key.
        at: An entry, that one included; or a moment; or a day, at its end.
        entries: Only from these; give `visible_entries(user)` whenever a person is looking.
    """
    queryset = EntryQuerySet.over(Entry.objects.all() if entries is None else entries)
    until = UUID(int=at.id.int + 1) if isinstance(at, Entry) else uuid_floor(end_of(at))
    own, *parents = [_part(part, queryset, until) for part in subjects(model, object_id, queryset)]
    for parent in parents:
        own.values = {**parent.values, **own.values}
        own.links = {**parent.links, **own.links}
        own.masked |= parent.masked
        if parent.entry and (own.entry is None or own.entry.id < parent.entry.id):
            own.entry = parent.entry
    return own


def _part(part: Subject, entries: EntryQuerySet, until: UUID) -> State:
    recorded = part.entries(entries)
    before = recorded.filter(id__lt=until)
    start = before.filter(operation__in=["I", "B"]).order_by("-id").first()
    if start is None:
        state = _backwards(part, recorded.filter(id__gte=until))
        state.entry = before.order_by("-id").first()
        if state.entry and state.entry.operation == "D":
            state = _forwards([state.entry])
        return state
    state = _forwards([start, *before.filter(id__gt=start.id).order_by("id").iterator()])
    if state.exists and state.entry:
        # Where TRUNCATE records how many rows it removed, not which.
        emptied = entries.selected(model__in=labels_of(part.label), object_id="", operation="T")
        state.exists = not emptied.filter(id__gt=state.entry.id, id__lt=until).exists()
    if start.operation == "B":
        # A baseline holds the row; which links it had is known from those it has now.
        links = _backwards(part, recorded.filter(id__gte=until)).links
        state.links = {**state.links, **links}
    return state


def _forwards(entries: Iterable[Entry]) -> State:
    state = State(known=True)
    for entry in entries:
        state.entry = entry
        match entry.operation:
            case "I" | "B" | "D":
                state.exists = entry.operation != "D"
                state.values = dict(entry.changes or {})
                state.masked = set(entry.masked or ())
                if entry.operation == "I":
                    state.links = {}
            case "U":
                state.values |= {
                    change.field: change.new for change in entry.field_changes if not change.masked
                }
                state.masked |= set(entry.masked or ())
            case "M":
                for change in entry.field_changes:
                    held = [key for key in state.links.get(change.field, []) if key not in change.removed]
                    state.links[change.field] = [*held, *(key for key in change.added if key not in held)]
    return state


def _backwards(part: Subject, later: EntryQuerySet) -> State:
    """Undo what came later, from the record's deletion or from what it is now."""
    state = State()
    undone: list[Entry] = []
    end: Entry | None = None
    for entry in later.order_by("id").iterator():
        if entry.operation in ("I", "B"):
            # It was made (again) only then.
            return State(known=entry.operation == "I")
        if entry.operation == "D":
            end = entry
            break
        undone.append(entry)
    if end is not None:
        state.values, state.masked = dict(end.changes or {}), set(end.masked or ())
        state.exists = state.known = bool(state.values)
    elif part.model is not None:
        found = live_values(part.model, part.key, later.db)
        if found is not None:
            state.values, state.masked = found
            state.links = live_links(part.model, part.key, later.db)
            state.exists = state.known = True
    for entry in reversed(undone):
        _undo(state, entry)
    return state


def _undo(state: State, entry: Entry) -> None:
    for change in entry.field_changes:
        if change.masked:
            state.masked.add(change.field)
        elif entry.operation == "M":
            held = [key for key in state.links.get(change.field, []) if key not in change.added]
            state.links[change.field] = [*held, *(key for key in change.removed if key not in held)]
        else:
            state.values[change.field] = change.old
