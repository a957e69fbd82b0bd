"""An export as the answer to a request, streamed under WSGI and under ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from audit_plugin.export.plan import Export
from audit_plugin.export.stream import ExportStream


class ExportResponse(StreamingHttpResponse):
    """Streams an export to whoever asked for it.

    Args:
        export: What is exported.
        request: The request it answers.

    Example:
        def download(request):
            return ExportResponse(plan(request.user, request=request), request)
    """

    def __init__(self, export: Export, request: HttpRequest) -> None:
        self.stream = ExportStream(export, lend=True)
        # Under ASGI, Django would collect what a plain iterator yields and send it in one piece.
        content: Any = AsyncChunks(self.stream) if isinstance(request, ASGIRequest) else self.stream
        super().__init__(content, content_type=export.format.content_type)
        self["Content-Disposition"] = content_disposition_header(True, export.filename) or ""
        self["Cache-Control"] = "private, no-store"
        self["X-Content-Type-Options"] = "nosniff"
        # Tells nginx not to gather the file before it passes it on.
        self["X-Accel-Buffering"] = "no"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in super().__aiter__():
                yield chunk
        finally:
            # A server that fails to send never comes to close the response.
            await sync_to_async(self.stream.close)()


class AsyncChunks(AsyncIterator[bytes]):
    """Takes an export piece by piece in the request's own thread, which leaves the event loop free.

    Args:
        stream: The export.
    """

    def __init__(self, stream: ExportStream) -> None:
        self.stream = stream

    async def __anext__(self) -> bytes:
        taking = asyncio.ensure_future(sync_to_async(self.stream.take)())
        try:
            chunk = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The client has gone. The thread waits for the database, and only the database can end that.
            await asyncio.to_thread(self.stream.interrupt)
            await asyncio.wait([taking])
            taking.exception()
            raise
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def close(self) -> None:
        """End the export; Django calls it with the response's own `close`."""
        self.stream.close()
