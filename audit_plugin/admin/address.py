"""Addresses of a list: everything about it is in its URL, to be bookmarked and shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from audit_plugin.filters import EntryFilter
from audit_plugin.pagination import DEFAULT_SIZE, ORDERS, parse_size

DEFAULT_ORDER = "newest"
SIZES = (10, 20, 50, 100)
#: The query of a list without any filter. A bare address means "as I left it".
EVERYTHING = {"all": "1"}


@dataclass(frozen=True)
class Address:
    """Where a list stands.

    Attributes:
        path: The page.
        filter: What is asked for.
        errors: What is wrong with that, by name of the parameter.
        order: One of `ORDERS`.
        size: Rows on a page.
        after: The cursor the page follows.
        before: The cursor the page precedes.
        number: The number of the page's first row, where only the page before knows it.
        entry: The id of the entry that is open beside the list, as it was given.
        keeps: Parameters that belong to the page itself and stay as they are.
    """

    path: str
    filter: EntryFilter
    errors: Mapping[str, str]
    order: str = DEFAULT_ORDER
    size: int = DEFAULT_SIZE
    after: str | None = None
    before: str | None = None
    number: int = 1
    entry: str | None = None
    keeps: Mapping[str, str] | None = None

    @classmethod
    def read(cls, path: str, data: Mapping[str, Any], keeps: Mapping[str, str] | None = None) -> Address:
        """Read a query string. Nothing in it can be so wrong that there is no list to show.

        Args:
            path: The page.
            data: For example `request.GET`.
            keeps: Parameters that belong to the page itself.
        """
        entry_filter, errors = EntryFilter.parse(data)
        order = str(data.get("order") or DEFAULT_ORDER)
        after, before = data.get("after") or None, data.get("before") or None
        return cls(
            path=path,
            filter=entry_filter,
            errors=errors,
            order=order if order in ORDERS else DEFAULT_ORDER,
            size=parse_size(data.get("size")),
            after=after,
            before=None if after else before,
            number=_number(data.get("n")) if after or before else 1,
            entry=data.get("entry") or None,
            keeps=keeps,
        )

    @property
    def here(self) -> str:
        """This list at this place, with no entry open."""
        return self._url(self.filter.query(), **self._position)

    def opening(self, entry: Any) -> str:
        """Return this list at this place with an entry open."""
        return self._url(self.filter.query(), **self._position, entry=str(entry))

    def at(self, *, after: str | None = None, before: str | None = None, number: int | None = None) -> str:
        """Return another page of this list; without a cursor the first."""
        return self._url(self.filter.query(), after=after, before=before, n=str(number) if number else None)

    def ordered(self, order: str) -> str:
        """Return the first page in another order."""
        return self._url(self.filter.query(), order=order)

    def filtered(self, query: Mapping[str, str]) -> str:
        """Return the first page under another filter, as it is written in a URL."""
        return self._url(query)

    def without(self, *names: str) -> dict[str, str]:
        """Return the filter as it is written in a URL, without some parameters."""
        return {name: value for name, value in self.filter.query().items() if name not in names}

    @property
    def _position(self) -> dict[str, str | None]:
        number = str(self.number) if self.number > 1 else None
        return {"after": self.after, "before": self.before, "n": number}

    @property
    def settings(self) -> dict[str, str]:
        """The parameters that hold whatever the filter is."""
        return self._settings(self.order)

    def _settings(self, order: str) -> dict[str, str]:
        found = dict(self.keeps or {})
        if order != DEFAULT_ORDER:
            found["order"] = order
        if self.size != DEFAULT_SIZE:
            found["size"] = str(self.size)
        return found

    def _url(self, query: Mapping[str, str], order: str | None = None, **position: str | None) -> str:
        parameters = {**query, **self._settings(order or self.order)}
        parameters |= {name: value for name, value in position.items() if value}
        return f"{self.path}?{urlencode(parameters or EVERYTHING)}"


def _number(text: object) -> int:
    try:
        number = int(str(text))
    except ValueError:
        return 1
    return number if 0 < number < 1_000_000_000 else 1
