"""What is to be restored, read from an address or a form, and the other ways there are to restore it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit_plugin import display
from audit_plugin.admin.detail import find
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.restore import Ask, AsOf, Entries, Request, Undo, Version
from audit_plugin.templatetags.audit_admin import local
from audit_plugin.visibility import visible_entries

#: The ways to restore an entry, by the operation that it records; the first is what a button means.
WAYS = {
    "U": ("undo", "before", "after"),
    "M": ("undo", "before", "after"),
    "I": ("undo", "after"),
    "B": ("after",),
    "D": ("undo", "related"),
    "T": ("undo",),
}

ASKS: dict[str, Callable[[Entry], Ask]] = {
    "undo": lambda entry: Undo(entry.pk),
    "related": lambda entry: Undo(entry.pk, with_related=True),
    "before": lambda entry: Version(entry.pk, before=True),
    "after": lambda entry: Version(entry.pk),
}

LABELS = {
    "undo": gettext_lazy("Only this change"),
    "before": gettext_lazy("The whole record, as before it"),
    "after": gettext_lazy("The whole record, as after it"),
}
OF_DELETIONS = {
    "undo": gettext_lazy("Only this record"),
    "related": gettext_lazy("With what was deleted along with it"),
}
OF_CREATIONS = {
    "undo": gettext_lazy("Undo the creation: delete it"),
    "after": gettext_lazy("The whole record, as it was created"),
}


@dataclass(frozen=True)
class Way:
    """One way to restore an entry."""

    name: str
    label: str
    current: bool


@dataclass(frozen=True)
class Asked:
    """What is to be restored.

    Attributes:
        ask: The same for the restore itself.
        title: The question.
        subject: What it is about, in words.
        ways: The ways to choose from.
        keeps: What the form has to hand on besides its address.
        entry: The entry, if it is about one.
    """

    ask: Ask
    title: str
    subject: str
    ways: Sequence[Way] = ()
    keeps: Sequence[tuple[str, str]] = ()
    entry: Entry | None = None


def of_entry(user: Any, key: str, query: QueryDict) -> Asked:
    """Return what an address about one entry asks for. Whether that can be is for the plan to say.

    Args:
        user: Who asks.
        key: The entry's id.
        query: The query string: `as` is one of the ways.

    Raises:
        RestoreError: The key is none (`not_found`).
    """
    entry = find(user, key)
    if entry is None or entry.operation not in WAYS:
        return Asked(Undo(key), _("Restore previous version?"), key)  # type: ignore[arg-type]
    ways = WAYS[entry.operation]
    wanted = query.get("as", "")
    chosen = wanted if wanted in ways else ways[0]
    labels = {"D": OF_DELETIONS, "I": OF_CREATIONS}.get(entry.operation, LABELS)
    offered = [Way(way, str(labels[way]), way == chosen) for way in ways]
    subject = _("%(description)s, %(when)s") % {
        "description": display.describe(entry),
        "when": local(entry.occurred_at),
    }
    title = _question(entry.operation, chosen)
    return Asked(ASKS[chosen](entry), title, subject, offered if len(ways) > 1 else (), entry=entry)


def of_several(user: Any, query: QueryDict, form: QueryDict) -> Asked | None:
    """Return what an address or a form asks for that isn't about one entry, None where that can't be read.

    Args:
        user: Who asks.
        query: The query string: of a request (`request`), or of a record at a time (`model`, `record`, `at`).
        form: The form: the entries that are selected.
    """
    request, model, record = (
        query.get(name, "").replace("\0", "") for name in ("request", "model", "record")
    )
    if request:
        return Asked(Request(request), _("Undo everything in this request?"), _request(user, request))
    if model and record:
        return _at_a_time(model, record, query.get("at", ""))
    entries = list(dict.fromkeys(form.getlist("entry")))
    if not entries:
        return None
    subject = ngettext("%(n)s selected entry", "%(n)s selected entries", len(entries)) % {"n": len(entries)}
    keeps = [("entry", entry) for entry in entries]
    return Asked(Entries(entries), _("Undo what is selected?"), subject, keeps=keeps)


def _request(user: Any, request: str) -> str:
    """Describe a request by one of its entries that the person may see."""
    asked = EntryFilter.parse({"request": request})[0]
    entry = asked.apply(visible_entries(user)).select_related("context").first()
    if entry is None:
        return request
    return _("%(actor)s, %(when)s, request %(request)s") % {
        "actor": display.actor_phrase(display.context_of(entry)),
        "when": local(entry.occurred_at),
        "request": request,
    }


def _at_a_time(model: str, record: str, at: str) -> Asked | None:
    moment = read_moment(at)
    if moment is None:
        return None
    subject = _("%(model)s %(record)s as of %(when)s") % {
        "model": display.model_label(model),
        "record": record,
        "when": local(moment),
    }
    return Asked(AsOf(model, record, moment), _("Restore previous version?"), subject)


def read_moment(text: str) -> datetime | None:
    """Return a moment from an address, None where it is none that a log can know, or has no time zone."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not 1970 < moment.year < 9999:
        return None
    return moment


def _question(operation: str, way: str) -> str:
    match operation, way:
        case "D", _:
            return _("Bring this record back?")
        case "I", "undo":
            return _("Undo this creation?")
        case "T", _:
            return _("Bring these records back?")
        case _, "undo":
            return _("Undo this change?")
    return _("Restore previous version?")
