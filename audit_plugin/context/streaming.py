"""A streamed body is made after the middleware is done; what it writes still belongs to the request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from audit_plugin.context.frames import Frame, Snapshot, current, foreign


class _Kept:
    """The state between two steps of a body, which may have entered a context that is still open."""

    def __init__(self, frame: Frame) -> None:
        self.state = Snapshot(frame, foreign.get())

    @contextmanager
    def step(self) -> Iterator[None]:
        with self.state.restored():
            try:
                yield
            finally:
                self.state = Snapshot(current(), foreign.get())


def keep_frame(response: HttpResponseBase, frame: Frame) -> None:
    """Let a streamed body be made under `frame`. A file is left alone: it writes nothing."""
    if (
        not isinstance(response, StreamingHttpResponse)
        or getattr(response, "file_to_stream", None) is not None
    ):
        return
    if response.is_async:
        response.streaming_content = _steps_async(response.streaming_content, _Kept(frame))
    else:
        response.streaming_content = _steps(response.streaming_content, _Kept(frame))


def _steps(content: Any, kept: _Kept) -> Iterator[Any]:
    iterator = iter(content)
    while True:
        with kept.step():
            try:
                chunk = next(iterator)
            except StopIteration:
                return
        yield chunk


async def _steps_async(content: Any, kept: _Kept) -> AsyncIterator[Any]:
    iterator = aiter(content)
    while True:
        with kept.step():
            try:
                chunk = await anext(iterator)
            except StopAsyncIteration:
                return
        yield chunk
