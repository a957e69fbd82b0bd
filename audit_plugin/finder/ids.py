"""Moments as bounds of ids: ids are ordered by time, so a range of time is a range of the primary key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def uuid_floor(moment: datetime) -> UUID:
    """Return the smallest id of a moment: no entry made then or later has a smaller one.

    Args:
        moment: An aware datetime. Before 1970 there are no ids, so that year's beginning stands for them.
    """
    return UUID(int=max(0, (moment - EPOCH) // MILLISECOND) << 80)


def moment_of(id: UUID) -> datetime:
    """Return the moment an id was made, to the millisecond. A forged id may name one far in the future."""
    milliseconds = min(id.int >> 80, (datetime.max.replace(tzinfo=UTC) - EPOCH) // MILLISECOND)
    return EPOCH + milliseconds * MILLISECOND
