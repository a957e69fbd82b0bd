"""What a queryset is known to be restricted to, in the form in which the index of a complete month can be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, TextField, Value
from django.db.models.functions import Lower

#: The letter of each column in a tag, see `capture/sql/finder_v1.sql`. Pairs are in the order of the letters.
LETTERS = {"actor_id": "a", "action": "c", "channel": "h", "model": "m", "tenant": "t"}
SEPARATOR = "\x1f"
#: What `finder_v1.sql` cuts values and words to.
LONGEST_VALUE = 300
#: With more values than this a condition is left to the columns.
MOST_TAGS = 120

FIRST = UUID(int=0)
LAST = UUID(int=(1 << 128) - 1)


class Tags(Func):
    """The tags of an entry, by which complete months are indexed."""

    function = "audit_plugin_tags_v1"
    output_field = ArrayField(TextField())

    def __init__(self, *expressions: Any) -> None:
        super().__init__(*(expressions or map(F, ("channel", "model", "action", "actor_id", "tenant"))))


class TagsInclude(Func):
    """Whether an entry's tags include all of some tags."""

    template = "%(expressions)s"
    arg_joiner = " @> "
    output_field = BooleanField()

    def __init__(self, *expressions: Any) -> None:
        if expressions and isinstance(expressions[0], str):
            wanted = list(expressions)
            expressions = (Tags(), Value(wanted, output_field=ArrayField(TextField())))
        super().__init__(*expressions)


class TagsOverlap(TagsInclude):
    """Whether an entry's tags include any of some tags."""

    arg_joiner = " && "


class NameHasWords(Func):
    """Whether the record's name has all of some words; the last may be the beginning of one."""

    template = "(audit_plugin_words_v1(%(expressions)s)::tsquery)"
    arg_joiner = ") @@ ("
    output_field = BooleanField()

    def __init__(self, *words: Any) -> None:
        if words and isinstance(words[0], str):
            query = " & ".join(f"'{word}'" for word in words) + ":*"
            super().__init__(F("object_repr"), Lower(Value(query)))
        else:
            super().__init__(*words)


@dataclass(frozen=True)
class Narrowing:
    """Conditions that all rows of a queryset meet.

    Attributes:
        values: Values by the letter of their column; a row has one of them in each. None stands for no value.
        conditions: Further conditions that an index can answer.
        low: The smallest id there can be.
        high: The smallest id beyond.
    """

    values: Mapping[str, frozenset[str | None]] = field(default_factory=dict)
    conditions: tuple[Any, ...] = ()
    low: UUID = FIRST
    high: UUID = LAST

    def __bool__(self) -> bool:
        """Whether there is anything to ask the index of a month for."""
        return bool(self.values or self.conditions)

    @property
    def ordered_by_index(self) -> bool:
        """Whether an ordinary index on all of the log has exactly these entries in their order."""
        return set(self.values) == {"a"} and len(self.values["a"]) == 1 and not self.conditions

    @property
    def bounded(self) -> bool:
        """Whether the ids are restricted."""
        return self.low != FIRST or self.high != LAST

    @property
    def indexed(self) -> bool:
        """Whether an ordinary index on all of the log has exactly these entries, in whatever order."""
        return len(self.values) == 1 and not self.conditions and set(self.values) <= {"a", "m"}

    @property
    def impossible(self) -> bool:
        """Whether no row can meet them."""
        return self.low >= self.high or any(not values for values in self.values.values())

    def restricted(self, column: str, values: frozenset[str | None]) -> Narrowing:
        """Return these conditions and one more: that a column has one of some values."""
        letter = LETTERS[column]
        known = self.values.get(letter)
        cut = frozenset(value and value[:LONGEST_VALUE] for value in values)
        return replace(self, values={**self.values, letter: cut if known is None else known & cut})

    def between(self, low: UUID | None, high: UUID | None) -> Narrowing:
        """Return these conditions and one more: that the id is in a range."""
        return replace(self, low=max(self.low, low or FIRST), high=min(self.high, high or LAST))

    def matching(self, condition: Any) -> Narrowing:
        """Return these conditions and one more, which has to be one that an index can answer."""
        return replace(self, conditions=(*self.conditions, condition))

    def expressions(self) -> Iterator[Any]:
        """Yield conditions on the index of a complete month."""
        yield from self.conditions
        needed: list[str] = []
        covered = set()
        # What has no value has no tag.
        tagged = {
            letter: sorted(value for value in values if value is not None)
            for letter, values in self.values.items()
            if None not in values
        }
        for pair in combinations(sorted(tagged), 2):
            tags = _tags(pair, [tagged[letter] for letter in pair])
            if len(tags) <= MOST_TAGS:
                covered |= set(pair)
                if len(tags) == 1:
                    needed += tags
                else:
                    yield TagsOverlap(*tags)
        for letter in sorted(set(tagged) - covered):
            tags = _tags((letter,), [tagged[letter]])
            if len(tags) == 1:
                needed += tags
            elif len(tags) <= MOST_TAGS:
                yield TagsOverlap(*tags)
        if needed:
            yield TagsInclude(*needed)


def _tags(letters: tuple[str, ...], values: list[list[str]]) -> list[str]:
    return ["".join(letters) + SEPARATOR.join(chosen) for chosen in product(*values)]
