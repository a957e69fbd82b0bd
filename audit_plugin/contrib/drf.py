"""For Django REST framework: looks at one record through an API."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from audit_plugin.events.reads import note


class ReadMixin:
    """Records that somebody retrieves a record, if its model is declared personal. Lists aren't recorded.

    Example:
        class PersonViewSet(ReadMixin, ModelViewSet):
            queryset = Person.objects.all()
    """

    _audit_shown: Any = None

    def get_object(self: Any) -> Any:
        self._audit_shown = super().get_object()  # type: ignore[misc]
        return self._audit_shown

    def finalize_response(self: Any, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if final.status_code == 200:
            note(self._audit_shown)
        return final
