"""Values as people read them."""

from __future__ import annotations

import json
from typing import Any


def format_value(value: Any) -> str:
    """Return a value as text: nothing as a dash, texts quoted, all else as JSON has it."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, str):
        return f'"{value}"'
    return json.dumps(value, ensure_ascii=False)
