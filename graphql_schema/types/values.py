"""Values of any type, as JSON has them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON has it: decimals as numbers where no digit is lost, else as text."""
    match value:
        case Decimal():
            number = float(value)
            return number if value.is_finite() and Decimal(repr(number)) == value else str(value)
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    return str(value)
