"""Changes of rights in words: "Ann granted shop.delete_order to Ben", not rows of a table between two others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin.capture.security import FLAGS, SECURITY
from audit_plugin.changes import FieldChange
from audit_plugin.display.labels import field_of
from audit_plugin.models import Entry

if TYPE_CHECKING:
    from audit_plugin.display.names import Names

GRANTED = gettext_lazy("%(actor)s granted %(what)s to %(object)s")
TAKEN = gettext_lazy("%(actor)s took %(what)s from %(object)s")
FLAG_NAMES = {"is_staff": gettext_lazy("staff status"), "is_superuser": gettext_lazy("superuser status")}
ACTIVE = {
    True: gettext_lazy("%(actor)s activated %(object)s"),
    False: gettext_lazy("%(actor)s deactivated %(object)s"),
}
#: The badge of a change of rights: its colour's role and what it says.
GIVEN = ("create", gettext_lazy("Granted"))
GONE = ("delete", gettext_lazy("Taken away"))
OFF = ("delete", gettext_lazy("Deactivated"))
ON = ("create", gettext_lazy("Activated"))


def concerns(entry: Entry) -> bool:
    """Return whether an entry is a captured change of rights that has words of its own."""
    return entry.channel == SECURITY and entry.action == "update" and bool(entry.changes)


def rights_changed(entry: Entry, words: dict[str, str], names: Names | None = None) -> str | None:
    """Return what was granted or taken as a sentence, None for an entry that is about something else.

    Args:
        entry: The entry.
        words: `actor`, and what else a sentence may name.
        names: Of the records it refers to; looked up where they are not given.
    """
    if not concerns(entry):
        return None
    said = []
    for change in entry.field_changes:
        if change.field in FLAGS:
            said.append(_flag(change, words))
        elif change.added or change.removed:
            names = names or _look_up(entry)
            said += _links(entry, change, words, names)
    return "; ".join(said) or None


def rights_at_first(entry: Entry, words: dict[str, str]) -> list[str]:
    """Return as sentences which rights an account was made with.

    Args:
        entry: The entry of its creation; nothing is said of others.
        words: See `rights_changed`.
    """
    if entry.channel != SECURITY or entry.action != "create":
        return []
    given = entry.changes or {}
    return [
        str(GRANTED) % {**words, "what": str(label)}
        for name, label in FLAG_NAMES.items()
        if given.get(name) is True
    ]


def _flag(change: FieldChange, words: dict[str, str]) -> str:
    if change.field == "is_active":
        return str(ACTIVE[bool(change.new)]) % words
    sentence = GRANTED if change.new else TAKEN
    return str(sentence) % {**words, "what": str(FLAG_NAMES[change.field])}


def _links(entry: Entry, change: FieldChange, words: dict[str, str], names: Names) -> list[str]:
    field = field_of(entry.model, change.field)
    said = []
    for sentence, keys in ((GRANTED, change.added), (TAKEN, change.removed)):
        if keys:
            what = ", ".join(link_name(field, key, names.get(field, key)) for key in keys)
            said.append(str(sentence) % {**words, "what": what})
    return said


def link_name(field: Any, key: Any, name: str | None) -> str:
    """Return what was granted: a permission's own name, or a group said to be one."""
    if getattr(getattr(field, "related_model", None), "__name__", "") == "Group":
        return _("the group %(name)s") % {"name": name or key}
    return name or str(key)


def _look_up(entry: Entry) -> Names:
    from audit_plugin.display.names import names_of

    return names_of([entry])


def kind_of(entry: Entry) -> tuple[str, Any] | None:
    """Return the badge of a change of rights: the role of its colour and its label; None for other entries."""
    if not concerns(entry):
        return None
    for change in entry.field_changes:
        if change.field == "is_active":
            return ON if change.new else OFF
        if change.field in FLAGS:
            return GIVEN if change.new else GONE
        if change.added or change.removed:
            return GIVEN if change.added else GONE
    return None
