"""What an entry says changed, in one form for every operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldChange:
    """A change of one field.

    Attributes:
        field: The field's name.
        old: The value before, as JSON has it; None also where there was none.
        new: The value after.
        masked: Whether the values are secret and were never stored.
        added: Keys of linked records that came, for a many-to-many field.
        removed: Keys of linked records that went.
    """

    field: str
    old: Any = None
    new: Any = None
    masked: bool = False
    added: tuple[Any, ...] = ()
    removed: tuple[Any, ...] = ()


def field_changes(
    operation: str | None, changes: Mapping[str, Any] | None, masked: Sequence[str] | None
) -> list[FieldChange]:
    """Read an entry's `changes` according to its operation.

    Args:
        operation: `Entry.operation`.
        changes: `Entry.changes`.
        masked: `Entry.masked`.
    """
    found = [_read(operation, field, value) for field, value in (changes or {}).items()]
    return found + [FieldChange(field, masked=True) for field in masked or ()]


def _read(operation: str | None, field: str, value: Any) -> FieldChange:
    match operation:
        case "U":
            return FieldChange(field, old=value[0], new=value[1])
        case "D":
            return FieldChange(field, old=value)
        case "M":
            return FieldChange(field, added=tuple(value["added"]), removed=tuple(value["removed"]))
        case _:
            return FieldChange(field, new=value)
