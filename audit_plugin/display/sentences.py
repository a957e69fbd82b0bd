"""An entry as a sentence, in the current language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_plugin.conf import settings
from audit_plugin.display.labels import (
    action_label,
    actor_phrase,
    context_of,
    field_label,
    model_label,
    subject_label,
)
from audit_plugin.models import Entry


def describe(entry: Entry) -> str:
    """Return what happened, for example "Ann changed price and 2 more of Book Dune (4711)".

    Args:
        entry: The entry; its context should have been read with it.
    """
    words = {"actor": actor_phrase(context_of(entry)), "subject": subject_label(entry)}
    given = settings.ACTIONS.get(entry.action, {}).get("sentence")
    if given:
        return str(given) % words
    match entry.action:
        case "create":
            return _("%(actor)s created %(subject)s") % words
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


def _changed(entry: Entry, words: dict[str, str]) -> str:
    fields = [field_label(entry.model, change.field) for change in entry.field_changes]
    if not fields:
        return _("%(actor)s updated %(subject)s") % words
    if len(fields) == 1:
        return _("%(actor)s changed %(field)s of %(subject)s") % {**words, "field": fields[0]}
    more = len(fields) - 1
    sentence = ngettext(
        "%(actor)s changed %(field)s and %(count)d more of %(subject)s",
        "%(actor)s changed %(field)s and %(count)d more of %(subject)s",
        more,
    )
    return sentence % {**words, "field": fields[0], "count": more}
