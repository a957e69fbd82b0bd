"""What is undone, record by record and link by link. Values are JSON texts: Python would lose digits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# Numbers are only skipped over, so they needn't become any.
_decoder = json.JSONDecoder(parse_int=str, parse_float=str)


class Values(Mapping[str, str]):
    """A JSON object of the database, read as the texts of its values, and only if somebody looks.

    Args:
        text: The object as PostgreSQL writes `jsonb`.
    """

    __slots__ = ("_texts", "text")

    def __init__(self, text: str = "{}") -> None:
        self.text = text
        self._texts: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def _read(self) -> dict[str, str]:
        if self._texts is None:
            self._texts = _split(self.text)
        return self._texts


def _split(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 1
    while len(text) > at + 1:
        name, end = json.decoder.scanstring(text, at + 1)  # type: ignore[attr-defined]
        begin = end + 2
        _, end = _decoder.raw_decode(text, begin)
        found[name] = text[begin:end]
        at = end + 2
    return found


NONE = Values()


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
        before: The values before.
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
    oldest: str
    source: str
    context: str
    before: Values
    after: Values
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
        if not self.extra and len(self.fields) == len(self.before):
            return self.before.text
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
    source: str
    context: str


def json_object(texts: dict[str, str]) -> str:
    """Return the JSON object of values that are JSON texts already."""
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in texts.items()) + "}"


def json_rows(rows: Sequence[Sequence[str]]) -> str:
    """Return a JSON array of arrays: keys, and JSON texts after them.

    One parameter of this form costs a fraction of what arrays of texts do, in which every quote has to be escaped.
    """
    return "[" + ",".join(f"[{json.dumps(row[0])},{','.join(row[1:])}]" for row in rows) + "]"
