"""Numbers from JSON as they are written: 12.50 is a price, 12.5 isn't."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

#: What stands between two of these is a number. Nobody can send one: what a client sends may be in an answer.
_MARK = f"number-{secrets.token_hex(16)}-"
_MARKED = re.compile(f'"{_MARK}(.*?){_MARK}"')


class Number(float):
    """A number with a fraction, to be reckoned with as a float is, which knows how it was written."""

    def __init__(self, text: Any) -> None:
        self.text = str(text)

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


class Decoder(json.JSONDecoder):
    """Reads JSON so that numbers keep their digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Number})


def dumps(value: Any, **options: Any) -> str:
    """Return a value as JSON, with the numbers in it as they were written.

    Args:
        value: The value.
        **options: What `json.dumps` takes.
    """
    return _MARKED.sub(r"\1", json.dumps(_marked(value), ensure_ascii=False, **options))


def _marked(value: Any) -> Any:
    match value:
        case Number():
            return f"{_MARK}{value.text}{_MARK}"
        case dict():
            return {key: _marked(item) for key, item in value.items()}
        case list() | tuple():
            return [_marked(item) for item in value]
    return value
