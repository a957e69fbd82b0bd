"""Streams end when the server is told to. Servers wait for open responses, and a stream would stay open for ever.

uvicorn, hypercorn, gunicorn and daphne all set their handlers of signals before they serve. Ours comes before theirs, ends the
streams, and calls theirs. It is put in place when the first stream begins.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)

_stopping = threading.Event()
_streams: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
_before: dict[int, Any] = {}


def is_stopping() -> bool:
    """Return whether the server has been told to end."""
    return _stopping.is_set()


@contextmanager
def woken_on_stop(event: asyncio.Event) -> Iterator[None]:
    """Set an event of the running loop when the server is told to end during the block."""
    _listen()
    _streams[event] = asyncio.get_running_loop()
    try:
        yield
    finally:
        del _streams[event]


def _listen() -> None:
    """Come before the server's handlers, where there are any and this thread may."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler) and handler is not _stop and handler is not signal.default_int_handler:
            _before[number] = handler
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    _stopping.set()
    for event, loop in list(_streams.items()):
        loop.call_soon_threadsafe(event.set)
    _before[number](number, frame)
