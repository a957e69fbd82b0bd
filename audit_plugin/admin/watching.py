"""Looks at the log itself, and at the history of personal records in it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest

from audit_plugin.events.reads import is_personal, record_read
from audit_plugin.events.references import Reference
from audit_plugin.history.subjects import model_named
from audit_plugin.viewing import record_view


def note_view(page: str, request: HttpRequest, model: str = "", object_id: str = "", **kwargs: Any) -> None:
    """Record that somebody has looked at a page of the log.

    Args:
        page: What the page is called; empty for one that is not recorded.
        request: The request.
        model: The label of the model whose record the page is about, if it is about one.
        object_id: The record's key as it is in the URL.
        **kwargs: Whatever else the URL holds.
    """
    if not page:
        return
    key = unquote(object_id)
    if model and (found := model_named(model)) is not None and is_personal(found):
        # A record's history tells as much about a person as the record.
        record_read(Reference(found._meta.label_lower, key))
    record_view(request.user, {name: str(value) for name, value in request.GET.items() if value})
