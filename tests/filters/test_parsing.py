"""What a query string becomes, and that whatever is wrong with it is said and finds nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit_plugin.filters import PERIODS, EntryFilter
from tests.reading import JUNE, add, everything

KEY = "0197f0a0-0000-7000-8000-000000000001"

GOOD: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, {}),
    ({"actor": " 7 ", "page": "3", "o": "x"}, {"actor": "7"}),
    (
        {"action": "update", "model": "shop.book", "channel": "data"},
        {"action": "update", "model": "shop.book", "channel": "data"},
    ),
    ({"record": "[1, 2]", "tenant": "north"}, {"object_id": "[1, 2]", "tenant": "north"}),
    (
        {"since": "2026-01-31", "until": "2026-01-31"},
        {"since": date(2026, 1, 31), "until": date(2026, 1, 31)},
    ),
    ({"since": "2026-01-31T10:00:00Z"}, {"since": datetime(2026, 1, 31, 10, tzinfo=UTC)}),
    ({"since": "0001-01-01", "until": "9999-12-31"}, {"since": date.min, "until": date.max}),
    ({"period": "24h"}, {"period": "24h"}),
    (
        {"request": "r-1", "context": KEY, "restored": KEY},
        {"request_id": "r-1", "context": UUID(KEY), "restored_from": UUID(KEY)},
    ),
    ({"search": "<b>'); DROP TABLE x; --"}, {"search": "<b>'); DROP TABLE x; --"}),
    ({"actor": "", "action": "   "}, {}),
]

BAD = [
    ({"since": "2026-02-30"}, {"since": "There is no such date."}),
    ({"until": "31/12/2026"}, {"until": "Write a date as 2026-12-31."}),
    ({"until": "2026-12-31T25:00"}, {"until": "There is no such date."}),
    ({"since": "yesterday"}, {"since": "Write a date as 2026-12-31."}),
    ({"since": "10000-01-01"}, {"since": "Write a date as 2026-12-31."}),
    ({"since": "2026-01-02", "until": "2026-01-01"}, {"until": "The end is before the start."}),
    ({"since": "2026-01-01T10:00Z", "until": "2026-01-01T09:00Z"}, {"until": "The end is before the start."}),
    ({"period": "century"}, {"period": "There is no such period."}),
    ({"context": "1"}, {"context": "This is not an ID."}),
    ({"restored": "' OR 1=1"}, {"restored": "This is not an ID."}),
    ({"search": "x" * 501}, {"search": "This is too long."}),
    ({"actor": "a\x00b"}, {"actor": "This has characters that can't be read."}),
    ({"record": "\ud800"}, {"record": "This has characters that can't be read."}),
    (
        {"since": "never", "context": "?"},
        {"since": "Write a date as 2026-12-31.", "context": "This is not an ID."},
    ),
]


@pytest.mark.parametrize(("query", "expected"), GOOD)
def test_what_can_be_read(query: dict[str, str], expected: dict[str, Any]) -> None:
    assert EntryFilter.parse(query) == (EntryFilter(**expected), {})


@pytest.mark.parametrize(("query", "_expected"), GOOD)
def test_a_filter_survives_being_written_into_a_url(query: dict[str, str], _expected: object) -> None:
    given, _errors = EntryFilter.parse(query)
    assert EntryFilter.parse(given.query()) == (given, {})
    assert given.active == list(given.query().items())
    assert bool(given) == bool(given.active)


@pytest.mark.parametrize(("query", "expected"), BAD)
@pytest.mark.django_db
def test_what_is_wrong_is_said_and_finds_nothing(query: dict[str, str], expected: dict[str, str]) -> None:
    add(timezone.now())
    given, errors = EntryFilter.parse(query)
    assert errors == expected
    assert given.validate() == expected
    assert list(given.apply(everything())) == []
    # What was typed is still there, for the form to show.
    assert set(expected) <= set(given.query())


UNKNOWN = [
    {"actor": "nobody"},
    {"action": "conquered"},
    {"model": "no.model"},
    {"model": "'"},
    {"channel": "%"},
    {"record": "[]"},
    {"tenant": "atlantis"},
    {"search": "zzzzzz"},
    {"search": "%"},
    {"search": "!!!"},
    {"search": "\\"},
    {"request": "r"},
    {"context": KEY},
    {"restored": KEY},
    {"until": "1969-12-31"},
    {"since": "9999-12-31"},
]


@pytest.mark.parametrize("query", UNKNOWN, ids=str)
@pytest.mark.django_db
def test_values_that_nothing_has_find_nothing(query: dict[str, str]) -> None:
    add(JUNE)
    given, errors = EntryFilter.parse(query)
    assert errors == {}
    assert list(given.apply(everything())) == []


@pytest.mark.parametrize("period", sorted(PERIODS))
def test_periods_end_now(period: str) -> None:
    low, high = EntryFilter(period=period).bounds()
    assert high is None
    assert low is not None
    assert EntryFilter(period=period, since=date(2100, 1, 1)).bounds()[0] > low  # type: ignore[operator]
