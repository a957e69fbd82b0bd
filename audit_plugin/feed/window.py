"""The newest entries, read once for all who follow: what each of them waits for is a place in here, not a queue."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from audit_plugin.feed.reading import Piece
from audit_plugin.models import Entry

#: What is kept at most. Who falls further behind reads from the table.
MOST_ENTRIES = 4096
MOST_BYTES = 16 * 1024 * 1024
MOST_PIECES = 1024


class Window:
    """Pieces of the feed without a gap. One thread adds, others read: what they see is replaced, never changed.

    Args:
        start: The number that the first piece will follow.
    """

    def __init__(self, start: int) -> None:
        self._pieces: tuple[Piece, ...] = ()
        self._start = start
        self._entries = self._bytes = 0

    @property
    def end(self) -> int:
        """The number up to which the window reaches."""
        pieces = self._pieces
        return pieces[-1].upto if pieces else self._start

    def add(self, piece: Piece) -> None:
        """Add the next piece, and let go of the oldest ones."""
        pieces = [*self._pieces, piece]
        self._entries += len(piece.entries)
        self._bytes += piece.size
        while len(pieces) > 1 and (
            self._entries > MOST_ENTRIES or self._bytes > MOST_BYTES or len(pieces) > MOST_PIECES
        ):
            oldest = pieces.pop(0)
            self._entries -= len(oldest.entries)
            self._bytes -= oldest.size
        self._pieces = tuple(pieces)

    def next(self, position: int, wanted: Callable[[Entry], bool]) -> tuple[int, Entry | None] | None:
        """Look for the next entry that somebody wants.

        Nothing of the window is held by whoever asks but that one entry, so a reader that stops keeps nothing else alive.

        Args:
            position: The number to go on after.
            wanted: Whether an entry is wanted.

        Returns:
            The number up to which nothing else is wanted, with the entry of that number, or None at the window's end.
            None instead of both where the window has let go of what follows `position`.
        """
        pieces = self._pieces
        if position < (pieces[0].after if pieces else self._start):
            return None
        for piece in pieces[bisect_right(pieces, position, key=_end_of) :]:
            for entry in piece.entries:
                if entry.seq > position and wanted(entry):
                    return entry.seq, entry
        return (pieces[-1].upto if pieces else self._start), None


def _end_of(piece: Piece) -> int:
    return piece.upto
