"""What one task makes and another one sends: a little at a time, so that its maker waits for a client that reads slowly."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

#: Several events go out together up to here; then their maker waits.
MOST_BYTES = 64 * 1024


class Outbox:
    """Holds what is to be sent. One task puts, another one takes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._closed = False
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def put(self, part: bytes) -> None:
        """Add something, as soon as there is room."""
        await self._room.wait()
        self._parts.append(part)
        self._size += len(part)
        if self._size >= MOST_BYTES:
            self._room.clear()
        self._something.set()

    async def take(self, patience: float) -> bytes | None:
        """Return all there is as soon as there is something.

        Args:
            patience: After how many seconds to return nothing.

        Returns:
            What is to be sent, b"" when there was nothing for so long, None when there will be nothing any more.
        """
        if not self._something.is_set():
            timer = asyncio.get_running_loop().call_later(patience, self._something.set)
            try:
                await self._something.wait()
            finally:
                timer.cancel()
        self._something.clear()
        found, self._parts, self._size = b"".join(self._parts), [], 0
        self._room.set()
        if self._closed:
            self._something.set()
            return found or None
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed = True
        self._something.set()
