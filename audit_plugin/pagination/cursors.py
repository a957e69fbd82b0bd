"""Cursors: the position of an entry in one order, as text that clients hand back."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from audit_plugin.exceptions import InvalidCursor
from audit_plugin.models import Entry

#: The orders, each with the letter that stands for it in a cursor and the column that goes before the id.
ORDERS: dict[str, tuple[str, str | None]] = {
    "newest": ("n", None),
    "oldest": ("o", None),
    "action": ("a", "action"),
    "-action": ("A", "action"),
    "model": ("m", "model"),
    "-model": ("M", "model"),
}
# "newest" and "oldest" are one order in two directions, so their cursors fit both.
_SAME = {"o": "n"}
_ID_LENGTH = 16


@dataclass(frozen=True)
class Position:
    """Where an entry stands: its id, and its value in the column that is sorted by, if any."""

    id: UUID
    value: str = ""


def encode(order: str, entry: Entry) -> str:
    """Return the cursor of an entry in an order."""
    letter, column = ORDERS[order]
    value = getattr(entry, column) if column else ""
    raw = _SAME.get(letter, letter).encode() + entry.id.bytes + value.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(order: str, cursor: str) -> Position:
    """Return the position a cursor names. It only says where to go on: what is visible there is decided anew.

    Raises:
        InvalidCursor: It can't be read, or belongs to another order.
    """
    letter, column = ORDERS[order]
    try:
        raw = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        value = raw[1 + _ID_LENGTH :].decode()
        position = Position(UUID(bytes=raw[1 : 1 + _ID_LENGTH]), value)
    except (binascii.Error, ValueError):
        raise InvalidCursor from None
    if raw[:1] != _SAME.get(letter, letter).encode() or (column is None and value) or "\x00" in value:
        raise InvalidCursor
    return position
