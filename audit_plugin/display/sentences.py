"""An entry as a sentence, in the current language."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_plugin import actions
from audit_plugin.display.labels import (
    action_label,
    actor_phrase,
    context_of,
    field_label,
    model_label,
    subject_label,
)
from audit_plugin.display.names import Names
from audit_plugin.display.security import rights_at_first, rights_changed
from audit_plugin.display.values import NOTHING
from audit_plugin.models import Entry


def describe(entry: Entry, names: Names | None = None) -> str:
    """Return what happened, for example "Ann changed price and 2 more of Book Dune (4711)".

    Args:
        entry: The entry; its context should have been read with it.
        names: Of the records it refers to, from `names_of`; few entries need them, which look them up otherwise.
    """
    words = {"actor": actor_phrase(context_of(entry)), "subject": subject_label(entry)}
    given = actions.given(entry.action).get("sentence")
    if given and (said := _filled(str(given), entry, words)):
        return said
    whose = {**words, "object": entry.object_repr or entry.object_id}
    rights = rights_changed(entry, whose, names)
    if rights:
        return rights
    match entry.action:
        case "create":
            return "; ".join([_("%(actor)s created %(subject)s") % words, *rights_at_first(entry, whose)])
        case "delete":
            return _("%(actor)s deleted %(subject)s") % words
        case "restore":
            return _("%(actor)s restored %(subject)s") % words
        case "truncate":
            return _("%(actor)s emptied %(model)s") % {**words, "model": model_label(entry.model)}
        case "baseline":
            return _("%(actor)s recorded %(subject)s as it was") % words
        case "update":
            return _changed(entry, words)
    words["action"] = action_label(entry.action)
    if not words["subject"]:
        return _("%(actor)s: %(action)s") % words
    return _("%(actor)s: %(action)s, %(subject)s") % words


class Words(dict[str, str]):
    """What a sentence may name: anything, since what the details don't have is shown as missing."""

    def __missing__(self, name: str) -> str:
        return NOTHING


def _filled(sentence: str, entry: Entry, words: dict[str, str]) -> str | None:
    """Return a host's sentence with everything in its place, None where it is no template."""
    found = Words({key: as_word(value) for key, value in (entry.details or {}).items()})
    found |= {
        **words,
        # An event need not have a record, although its action's sentence names one.
        "subject": words["subject"] or NOTHING,
        "model": model_label(entry.model) if entry.model else NOTHING,
        "object": entry.object_repr or entry.object_id or NOTHING,
        "action": action_label(entry.action),
    }
    try:
        return sentence % found
    except (TypeError, ValueError):
        return None


def as_word(value: Any) -> str:
    """Return a value of the details as it stands in a sentence."""
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _changed(entry: Entry, words: dict[str, str]) -> str:
    changes = entry.field_changes
    if not changes:
        return _("%(actor)s updated %(subject)s") % words
    words = {**words, "field": field_label(entry.model, changes[0].field)}
    if len(changes) == 1:
        return _("%(actor)s changed %(field)s of %(subject)s") % words
    more = len(changes) - 1
    sentence = ngettext(
        "%(actor)s changed %(field)s and %(count)d more of %(subject)s",
        "%(actor)s changed %(field)s and %(count)d more of %(subject)s",
        more,
    )
    return sentence % {**words, "count": more}
