"""An audit log for Django on PostgreSQL: every write, its author, before and after, append-only."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from audit_plugin.actions import Action, declare
from audit_plugin.capture.registry import track
from audit_plugin.context import carry, context

if TYPE_CHECKING:
    from audit_plugin.events import (
        Reference,
        arecord,
        arecord_read,
        record,
        record_many,
        record_read,
        recording,
    )

__all__ = [
    "Action",
    "Reference",
    "arecord",
    "arecord_read",
    "carry",
    "context",
    "declare",
    "record",
    "record_many",
    "record_read",
    "recording",
    "track",
]

#: What needs models is imported when it is first used: this package itself is imported before they can be.
_LATER = frozenset(
    {"Reference", "arecord", "arecord_read", "record", "record_many", "record_read", "recording"}
)


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module("audit_plugin.events"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
