"""For the host's own pages about one record: Django's class-based views."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit_plugin.events.reads import note


class ReadMixin:
    """Records that somebody looks at the record a `DetailView` or `UpdateView` shows, if its model is declared personal.

    Example:
        class PersonView(ReadMixin, DetailView):
            model = Person
    """

    def dispatch(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if response.status_code == 200:
            note(getattr(self, "object", None))
        return response
