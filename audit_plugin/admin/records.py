"""Where the records that entries are about can be seen now: in the admin's own pages, if they still exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.core.exceptions import ValidationError
from django.db.models import CompositePrimaryKey, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse

from audit_plugin.display.labels import model_of
from audit_plugin.models import Entry

#: A model's label and a record's key.
Record = tuple[str, str]


def record_urls(site: AdminSite, request: HttpRequest, entries: Iterable[Entry]) -> Mapping[Record, str]:
    """Return the addresses of the records that exist and that the person may see, in one query a database.

    Args:
        site: The admin site.
        request: The request of who is looking.
        entries: The entries of a page.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.model and entry.object_id:
            wanted[entry.model].add(entry.object_id)
    queries: dict[str, list[QuerySet[Any, Any]]] = defaultdict(list)
    names = {}
    for label, keys in wanted.items():
        found = _existing(site, request, label, keys)
        if found is not None:
            names[label] = f"admin:{found.model._meta.app_label}_{found.model._meta.model_name}_change"
            queries[found.db].append(found)
    urls = {}
    for first, *others in queries.values():
        # From Django 6.1 on a union is ordered as the first model is, unless told otherwise.
        for label, key in first.union(*others, all=True).order_by() if others else first:
            urls[label, key] = reverse(names[label], args=[quote(key)], current_app=site.name)
    return urls


def _existing(site: AdminSite, request: HttpRequest, label: str, keys: set[str]) -> QuerySet[Any, Any] | None:
    model = model_of(label)
    if model is None or not site.is_registered(model) or isinstance(model._meta.pk, CompositePrimaryKey):
        return None
    host = site.get_model_admin(model)
    if not host.has_view_or_change_permission(request):
        return None
    readable = [key for key in keys if _is_key(model._meta.pk, key)]
    # What the host's own list shows this person, and nothing else, may be linked to.
    found = host.get_queryset(request).order_by().filter(pk__in=readable)
    return found.values_list(Value(label, TextField()), Cast("pk", TextField()))


def _is_key(field: Any, key: str) -> bool:
    try:
        field.get_prep_value(field.to_python(key))
    except (ValidationError, ValueError, TypeError, OverflowError):
        return False
    return True
