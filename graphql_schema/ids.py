"""Opaque ids: what they are of is in them, so that one kind is never taken for another."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext as _

from graphql_schema.errors import ApiError, Code
from graphql_schema.spec import ID


class Kind(StrEnum):
    """What an id is of."""

    ENTRY = "E"
    CONTEXT = "C"


def encode_id(kind: Kind, key: UUID) -> ID:
    """Return the id that clients get.

    Args:
        kind: What it is of.
        key: The key.
    """
    return ID(base64.urlsafe_b64encode(kind.encode() + key.bytes).decode().rstrip("="))


def decode_id(kind: Kind, text: str) -> UUID:
    """Return the key in an id. That there is such an id doesn't mean that somebody may see what it is of.

    Args:
        kind: What it has to be of.
        text: The id.

    Raises:
        ApiError: It is none of ours, or of something else (`INVALID_ID`).
    """
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        key = UUID(bytes=raw[1:])
    except (binascii.Error, ValueError):
        key = None
    if key is None or encode_id(kind, key) != text:
        raise ApiError(Code.INVALID_ID, _("This is not an ID."))
    return key
