"""Time-ordered ids (UUID version 7, RFC 9562), which Python itself has from 3.14 on."""

from __future__ import annotations

import os
import time
from uuid import UUID

_RANDOM_BITS = (1 << 62) - 1


def uuid7() -> UUID:
    """Return a new version 7 UUID: 48 bits of milliseconds, 12 of the millisecond's fraction, 62 random.

    The fraction (method 3 of RFC 9562, section 6.2) keeps ids of one process in order well below a
    millisecond.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") & _RANDOM_BITS
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)
