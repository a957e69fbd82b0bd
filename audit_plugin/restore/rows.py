"""What is undone, record by record and link by link. Values are JSON texts: Python would lose digits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Row:
    """One record: what the entries did to it, and what undoing them does.

    Attributes:
        model: The model's label, today's.
        key: Its key as the log has it.
        object_repr: Its name at the time.
        operation: What undoing takes: `update`, `insert` or `delete`.
        oldest: The oldest of the entries.
        source: The newest of them.
        context: The context of that one.
        before: The values before, JSON texts by field.
        after: The values after; of a deleted record the last ones.
        broken: Fields that something else changed in between.
        masked: Fields whose values are secret.
        erased: Fields whose values were erased, and when.
        live: The values now, a JSON text; None as long as it isn't known, or where there is no such record.
        fields: The fields to write.
        extra: Values to write that don't come from the log, as JSON texts.
        new_key: Its key afterwards, if that is another one.
    """

    model: str
    key: str
    object_repr: str
    operation: str
    oldest: UUID
    source: UUID
    context: UUID
    before: dict[str, str]
    after: dict[str, str]
    broken: list[str]
    masked: list[str]
    erased: dict[str, str]
    live: str | None = None
    fields: list[str] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    new_key: str | None = None

    @property
    def id(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.model, self.key

    @property
    def key_after(self) -> str:
        """Its key once it is written."""
        return self.new_key or self.key

    def wanted(self) -> str:
        """The values to write, as a JSON object."""
        return json_object({name: self.extra.get(name) or self.before[name] for name in self.fields})


@dataclass(slots=True)
class Link:
    """One link between records: that it came or went.

    Attributes:
        model: The label of the model that has the field.
        key: The key of the record that has it.
        object_repr: That record's name at the time.
        field: The many-to-many field.
        target: The linked record's key, a JSON text.
        source: The newest entry about it.
        context: The context of that one.
    """

    model: str
    key: str
    object_repr: str
    field: str
    target: str
    source: UUID
    context: UUID


def json_object(texts: dict[str, str]) -> str:
    """Return the JSON object of values that are JSON texts already."""
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in texts.items()) + "}"
