"""Cursors of the feed: the last `seq` that somebody has got, as text that clients hand back."""

from __future__ import annotations

import base64
import binascii

from audit_plugin.exceptions import InvalidCursor

_MARK = b"f"
_LENGTH = 8


def encode_position(seq: int) -> str:
    """Return the cursor of a place in the feed."""
    return base64.urlsafe_b64encode(_MARK + seq.to_bytes(_LENGTH, "big")).decode().rstrip("=")


def decode_position(cursor: str) -> int:
    """Return the place that a cursor names. It only says where to go on: what is visible there is decided anew.

    Raises:
        InvalidCursor: It can't be read.
    """
    try:
        raw = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidCursor from None
    seq = int.from_bytes(raw[1:], "big")
    if raw[:1] != _MARK or len(raw) != 1 + _LENGTH or seq >= 2**63:
        raise InvalidCursor
    return seq
