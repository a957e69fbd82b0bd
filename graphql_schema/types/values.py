"""Values as clients get them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from graphql_schema.ids import Kind, encode_id

#: The largest number that GraphQL's `Int` holds.
MAX_INT = 2**31 - 1

entry_id = partial(encode_id, Kind.ENTRY)
context_id = partial(encode_id, Kind.CONTEXT)


def capped(number: int) -> int:
    """Return a number, no larger than GraphQL has it."""
    return min(number, MAX_INT)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: decimals as numbers where no digit is lost, else as text."""
    match value:
        case Decimal():
            number = float(value)
            return number if value.is_finite() and Decimal(repr(number)) == value else str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    return str(value)
