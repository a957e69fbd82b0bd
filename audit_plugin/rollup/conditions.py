"""What is to be counted, as SQL on the table of kinds and on entries alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from audit_plugin.finder.ids import moment_of
from audit_plugin.finder.narrowing import FIRST, LAST, LETTERS, Narrowing

#: What makes a kind of entries.
KIND_COLUMNS = ("channel", "model", "action", "tenant")
COLUMNS = {letter: column for column, letter in LETTERS.items()}


@dataclass(frozen=True)
class Wanted:
    """Kinds of entries, maybe of some actors, within days.

    Attributes:
        values: Wanted values by column; None among them stands for entries without one.
        unwanted: Values that are not wanted, by column.
        first: The first day.
        last: The last day.
    """

    values: Mapping[str, frozenset[str | None]] = field(default_factory=dict)
    unwanted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, narrowing: Narrowing) -> Wanted:
        """Return what a narrowing restricts to."""
        values = {COLUMNS[letter]: found for letter, found in narrowing.values.items()}
        low, high = narrowing.low, narrowing.high
        first = None if low == FIRST else day_of(moment_of(low))
        last = None if high == LAST else day_of(moment_of(high) - timedelta(milliseconds=1))
        return cls(values, {}, first, last)

    @property
    def by_actor(self) -> bool:
        """Whether only entries of some actors are wanted."""
        return "actor_id" in self.values

    @property
    def everything(self) -> bool:
        """Whether all kinds are wanted."""
        return not self.values and not self.unwanted

    @property
    def single(self) -> tuple[str, list[str]] | None:
        """The only column that is restricted, and the values it may have; None where it isn't as simple as that."""
        if self.unwanted or self.by_actor or len(self.values) != 1:
            return None
        ((column, values),) = self.values.items()
        named = [value for value in values if value is not None]
        return (column, sorted(named)) if len(named) == len(values) else None

    def fits(self, row: Sequence[Any]) -> bool:
        """Return whether entries are of a wanted kind, whoever made them.

        Args:
            row: Their values in `KIND_COLUMNS`; what follows is left alone.
        """
        return all(
            (column not in self.values or value in self.values[column])
            and (column not in self.unwanted or value not in self.unwanted[column])
            for column, value in zip(KIND_COLUMNS, row, strict=False)
        )

    def includes(self, day: date) -> bool:
        """Return whether a day is one of those that are wanted."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def sql(self, alias: str, *columns: str) -> tuple[str, list[Any]]:
        """Return the condition on some columns of a table.

        Args:
            alias: The table's alias.
            columns: The columns; others are left out.
        """
        parts, params = ["true"], []
        for column, values in self.values.items():
            if column in columns:
                null = f" OR {alias}.{column} IS NULL" if None in values else ""
                parts.append(f"({alias}.{column} = ANY (%s){null})")
                params.append(sorted(value for value in values if value is not None))
        for column, values in self.unwanted.items():
            if column in columns:
                parts.append(f"({alias}.{column} <> ALL (%s)) IS NOT FALSE")
                params.append(sorted(values))
        return " AND ".join(parts), params

    def days_sql(self, expression: str) -> tuple[str, list[Any]]:
        """Return the condition on a date."""
        bounds = [(">=", self.first), ("<=", self.last)]
        given = [(sign, day) for sign, day in bounds if day is not None]
        return " AND ".join(["true", *(f"{expression} {sign} %s" for sign, _day in given)]), [
            day for _s, day in given
        ]


def day_of(moment: datetime) -> date:
    """Return the day of a moment, as days are counted: in UTC."""
    return moment.astimezone(UTC).date()
