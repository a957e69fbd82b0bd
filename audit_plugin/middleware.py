"""The middleware that gives each request its context. It may stand anywhere; first is best."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from audit_plugin.context.streaming import keep_frame
from audit_plugin.events import api, coverage


class AuditMiddleware:
    """Attributes what a request writes to its user, who is asked for only when something is written."""

    sync_capable = True
    async_capable = True

    def __init__(
        self,
        get_response: Callable[[HttpRequest], HttpResponseBase]
        | Callable[[HttpRequest], Awaitable[HttpResponseBase]],
    ) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
        # A server starts: has the log been weakened since the last time?
        coverage.watch()

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self.__acall__(request)
        frame = request_frame(request)
        with under(frame):
            response: HttpResponseBase = self.get_response(request)  # type: ignore[assignment]
            keep_frame(response, frame)
            if api.concerns(request, response):
                api.note(request, response)
        return response

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        frame = request_frame(request)
        with under(frame):
            response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]
            keep_frame(response, frame)
            if api.concerns(request, response):
                await sync_to_async(api.note)(request, response)
        return response
