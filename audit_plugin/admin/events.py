"""What the panel says about an event: why, with what outcome, which records and changes belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_plugin import display
from audit_plugin.display.sentences import as_word
from audit_plugin.events.groups import count_changes, event_around, event_of, related_to
from audit_plugin.events.references import GROUP, RELATED
from audit_plugin.models import Entry
from audit_plugin.visibility import Scope, scope_of

#: Longer values are left to the JSON below.
LONGEST = 300


@dataclass(frozen=True)
class Fact:
    """One line of the facts about an entry."""

    label: str
    value: str
    url: str | None = None
    code: bool = False


def inside_url(site: AdminSite, event: UUID) -> str:
    """Return the list of an event and what was written inside it.

    Args:
        site: The admin site.
        event: What `event_of` returns.
    """
    changelist = reverse("admin:audit_plugin_entry_changelist", current_app=site.name)
    return f"{changelist}?{urlencode({'event': str(event)})}"


def event_facts(entry: Entry, site: AdminSite, request: HttpRequest) -> Iterator[Fact]:
    """Yield what an event says beside who, what and when.

    Args:
        entry: The entry, with its context.
        site: The admin site.
        request: The request of who is looking.
    """
    details = dict(entry.details or {})
    for key, label in (("outcome", _("Outcome")), ("reason", _("Reason"))):
        if value := details.pop(key, None):
            yield Fact(label, as_word(value))
    scope = scope_of(request.user)
    yield from _concerned(entry, site, request, scope)
    event = event_of(entry)
    if event is not None:
        number = count_changes([entry], scope.entries()).get(event, 0)
        text = ngettext("%(number)d change", "%(number)d changes", number) % {"number": number}
        yield Fact(_("Made inside"), text, inside_url(site, event))
    around = event_around(entry, scope.entries()) if display.context_of(entry) else None
    if around is not None:
        address = reverse("admin:audit_plugin_entry_change", args=[around.pk], current_app=site.name)
        yield Fact(_("Part of"), display.action_label(around.action), address)
    for key, value in details.items():
        text = as_word(value)
        if key not in (GROUP, RELATED) and len(text) <= LONGEST:
            yield Fact(capfirst(key.replace("_", " ")), text)


def _concerned(entry: Entry, site: AdminSite, request: HttpRequest, scope: Scope) -> Iterator[Fact]:
    """Yield the further records it concerns, of those that may be seen."""
    seen = [reference for reference in related_to(entry) if scope.sees_model(reference.model)]
    keys = [(reference.model, reference.object_id) for reference in seen if reference.object_id]
    names = display.names_of_records(keys, request.user, using=entry._state.db or "default")
    for reference in seen:
        model, key = reference.model, reference.object_id
        name = f"{display.model_label(model)} {names.of(model, key) or key}".rstrip()
        address = (
            reverse("admin:audit_plugin_entry_record", args=[model, quote(key)], current_app=site.name)
            if key
            else None
        )
        yield Fact(_("Concerns"), name, address)
