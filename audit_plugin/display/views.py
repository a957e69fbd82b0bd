"""The changes of an entry as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audit_plugin.changes import FieldChange
from audit_plugin.display.diffs import JsonDiff, Span, json_diff, word_diff
from audit_plugin.display.labels import field_in, field_of, in_order, model_of
from audit_plugin.display.names import Names
from audit_plugin.display.values import NOTHING, choice_label, format_value
from audit_plugin.models import Entry

ARROW = "\N{RIGHTWARDS ARROW}"
#: Texts at least this long are compared word by word.
LONG_TEXT = 60


@dataclass(frozen=True)
class Link:
    """A record that a many-to-many field came to hold, or holds no longer."""

    key: Any
    label: str | None

    def __str__(self) -> str:
        return _named(format_value(self.key), self.label)


@dataclass(frozen=True)
class ChangeView:
    """One changed field, ready to be shown.

    Attributes:
        change: What it shows.
        label: The field's name for people.
        kind: `value`; `text` (see `words`); `json` (see `paths`); `links` (see `added`, `removed`); or `masked`, a secret
            of which only the change is known.
        old: The value before, as text: label and key where it is a foreign key or a choice.
        new: The value after.
        added: Records that came, for a many-to-many field.
        removed: Records that went.
    """

    change: FieldChange
    label: str
    kind: str
    old: str
    new: str
    added: Sequence[Link] = ()
    removed: Sequence[Link] = ()

    @cached_property
    def paths(self) -> JsonDiff:
        """Where two JSON values differ. To find out takes long, and a row of a list doesn't show it."""
        return json_diff(self.change.old, self.change.new) if self.kind == "json" else JsonDiff()

    @cached_property
    def words(self) -> Sequence[Span]:
        """Two long texts as one, likewise."""
        return word_diff(self.change.old, self.change.new) if self.kind == "text" else ()

    def __str__(self) -> str:
        if self.kind == "links":
            came, went = (", ".join(map(str, links)) for links in (self.added, self.removed))
            return f"{self.change.field}: " + " ".join(
                part for part in (came and f"+{came}", went and f"\N{MINUS SIGN}{went}") if part
            )
        if self.kind == "masked":
            return f"{self.change.field}: {self.new}"
        return f"{self.change.field}: {self.old} {ARROW} {self.new}"


@dataclass(frozen=True)
class Summary:
    """The first changes of an entry, and how many more there are."""

    changes: Sequence[ChangeView]
    more: int


def change_views(entry: Entry, names: Names | None = None) -> list[ChangeView]:
    """Return all changes of an entry.

    Args:
        entry: The entry.
        names: Of the records it refers to, from `names_of`; without them there are keys only.
    """
    changes = {change.field: change for change in entry.field_changes}
    return [change_view(entry.model, changes[name], names) for name in in_order(entry.model, changes)]


def summary(entry: Entry, *, first: int = 2, names: Names | None = None) -> Summary:
    """Return the first changes of an entry, and how many more there are.

    Args:
        entry: The entry.
        first: How many to show.
        names: Of the records it refers to, from `names_of`.
    """
    changes = entry.field_changes
    order = {name: at for at, name in enumerate(in_order(entry.model, (change.field for change in changes)))}
    model = model_of(entry.model)
    changes = sorted(changes, key=lambda change: (_weight(model, change), order[change.field]))
    shown = [change_view(entry.model, change, names) for change in changes[:first]]
    return Summary(shown, max(0, len(changes) - first))


def change_view(model: str, change: FieldChange, names: Names | None = None) -> ChangeView:
    """Return one change of a record.

    Args:
        model: The label of the record's model.
        change: The change.
        names: Of the records it refers to, from `names_in`.
    """
    names = names or Names()
    field = field_of(model, change.field)
    label = str(field.verbose_name) if field else change.field
    if change.masked:
        return ChangeView(change, label, "masked", _("secret"), _("secret, not stored"))
    if change.added or change.removed:
        links = [
            [Link(key, names.get(field, key)) for key in keys] for keys in (change.added, change.removed)
        ]
        return ChangeView(change, label, "links", NOTHING, NOTHING, added=links[0], removed=links[1])
    old, new = (_text(value, field, names) for value in (change.old, change.new))
    if isinstance(change.old, dict | list) and isinstance(change.new, dict | list):
        return ChangeView(change, label, "json", old, new)
    if _long(change.old) and _long(change.new):
        return ChangeView(change, label, "text", old, new)
    return ChangeView(change, label, "value", old, new)


def _weight(model: type[Model] | None, change: FieldChange) -> int:
    """Return how little a change tells at a glance: keys, dates that are set by themselves, and empty fields come last."""
    field = field_in(model, change.field) if model is not None else None
    if field is not None and field.primary_key:
        return 3
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return 2
    said = change.masked or change.added or change.removed
    return 0 if said or any(value not in (None, "", [], {}) for value in (change.old, change.new)) else 1


def _text(value: Any, field: Field[Any, Any] | None, names: Names) -> str:
    label = None if value is None else choice_label(value, field) or names.get(field, value)
    return _named(format_value(value, field), label)


def _named(text: str, label: str | None) -> str:
    return f"{label} ({text})" if label else text


def _long(value: Any) -> bool:
    return isinstance(value, str) and (len(value) >= LONG_TEXT or "\n" in value)
