"""For the host's own pages about one record: Django's class-based views."""

from __future__ import annotations

from collections.abc import Awaitable
from inspect import isawaitable
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit_plugin.events.reads import note


class ReadMixin:
    """Records that somebody looks at the record a `DetailView` or `UpdateView` shows, if its model is declared personal.

    Views with async methods keep the record they show in `self.object`, as Django's own do.

    Example:
        class PersonView(ReadMixin, DetailView):
            model = Person
    """

    def dispatch(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if isawaitable(response):
            return self._audit_later(response)
        if response.status_code == 200:
            note(getattr(self, "object", None))
        return response

    async def _audit_later(self, awaited: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        response = await awaited
        if response.status_code == 200:
            await sync_to_async(note)(getattr(self, "object", None))
        return response
