"""Looks at personal records in the host's own admin, recorded without the host doing anything."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit_plugin.events.reads import is_personal, note

MARK = "audit_reads"


def install() -> None:
    """Watch the change and history pages of every model. What a model that isn't declared pays is one look at a setting."""
    if not hasattr(ModelAdmin.render_change_form, MARK):
        ModelAdmin.render_change_form = _watching_form(ModelAdmin.render_change_form)  # type: ignore[method-assign]
        ModelAdmin.history_view = _watching_history(ModelAdmin.history_view)  # type: ignore[method-assign]


def _watching_form(original: Any) -> Any:
    @wraps(original)
    def render_change_form(self: Any, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(self, request, context, *args, **kwargs)
        obj = kwargs.get("obj", args[3] if len(args) > 3 else None)
        if obj is not None and obj.pk is not None:
            note(obj)
        return response

    setattr(render_change_form, MARK, True)
    return render_change_form


def _watching_history(original: Any) -> Any:
    @wraps(original)
    def history_view(
        self: Any, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response: HttpResponseBase = original(self, request, object_id, *args, **kwargs)
        if is_personal(self.model) and response.status_code == 200:
            note(self.get_object(request, unquote(object_id)))
        return response

    return history_view
