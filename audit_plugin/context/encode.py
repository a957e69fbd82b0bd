"""From values to the comment that travels with a statement; what comes out always casts to jsonb."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

MARK = "/*audit:"

#: Nesting and length beyond which metadata is cut, so that a context never outweighs the statement it
#: explains.
MAX_DEPTH = 8
MAX_TEXT = 2000
MAX_METADATA = 16_000


def clean_text(value: object, length: int = MAX_TEXT) -> str:
    """Return `value` as text that PostgreSQL can store: no NUL, no lone surrogate, not too long."""
    text = value if type(value) is str else str(value)
    if len(text) > length:
        text = text[:length]
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\x00", "\ufffd")


def clean_json(value: Any, depth: int = 0, *, length: int = MAX_TEXT) -> Any:
    """Return `value` as JSON that casts to jsonb, whatever it was.

    Args:
        value: Anything.
        depth: How deep inside another value it is.
        length: The longest text; what is longer is cut.
    """
    if value is None:
        return None
    if isinstance(value, int):
        return value if value.bit_length() < 4096 else hex(value)
    if isinstance(value, str):
        return clean_text(value, length)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {
            clean_text(key, 250): clean_json(item, depth + 1, length=length) for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [clean_json(item, depth + 1, length=length) for item in value]
    try:
        return clean_text(DjangoJSONEncoder().default(value))
    except TypeError:
        return clean_text(value)


def metadata_json(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata to store; all that is left of too much of it is its keys."""
    cleaned: dict[str, Any] = clean_json(metadata)
    if len(json.dumps(cleaned)) > MAX_METADATA:
        return {"truncated": sorted(cleaned)[:100]}
    return cleaned


def content_json(columns: Mapping[str, Any]) -> str:
    """Return the columns of a context that have a value, as JSON in a fixed order."""
    return json.dumps({key: value for key, value in columns.items() if value}, separators=(",", ":"))


def encode(
    context_id: UUID, actor_id: str | None, tenant: str | None, restored_from: UUID | None, content: str
) -> str:
    """Return what follows the mark in the comment, and what the GUC holds for statements without one."""
    return f"{context_id}:{_base64(actor_id)}:{_base64(tenant)}:{restored_from or ''}:{_base64(content)}"


def comment(body: str) -> str:
    """Return the comment for the end of a statement. Base64 has neither `*` nor `%`; nothing is escaped."""
    return f"{MARK}{body}*/"


def _base64(text: str | None) -> str:
    return b64encode(text.encode()).decode() if text else ""
