"""Bars of the histogram: together they are the entries that the filter finds, whichever way they were counted."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from audit_plugin import rollup
from audit_plugin.activity import Histogram, bars, histogram
from audit_plugin.filters import EntryFilter
from tests.reading import JUNE, add_all, user_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db: None) -> User:
    return User(username="root", is_superuser=True)


@pytest.fixture
def entries() -> None:
    """Three entries a day over forty days; every tenth by Bo."""
    add_all(
        [
            {
                "at": JUNE + timedelta(days=number // 3, hours=7 * (number % 3) + 1),
                "number": number,
                "actor_id": "bo" if number % 10 == 0 else "ann",
                "action": "create" if number % 3 == 0 else "update",
                "object_repr": f"Record {number}",
                "object_id": str(number),
            }
            for number in range(120)
        ]
    )


CASES: list[tuple[dict[str, Any], int]] = [
    ({}, 120),
    ({"action": "create"}, 40),
    ({"actor": "bo"}, 12),
    ({"actor": "bo", "action": "create"}, 4),
    ({"search": "record 11"}, 11),
    ({"object_id": "7"}, 1),
    ({"since": date(2025, 6, 3), "until": date(2025, 6, 3)}, 3),
    ({"since": date(2025, 6, 3), "until": date(2025, 6, 12)}, 30),
    ({"since": date(2025, 6, 3), "until": date(2025, 6, 12), "actor": "bo"}, 3),
    ({"actor": "nobody"}, 0),
    ({"model": "no.model"}, 0),
    ({"since": date(2030, 1, 1)}, 0),
    ({"until": date(1960, 1, 1)}, 0),
    ({"since": date(2025, 6, 3), "until": date(2025, 6, 1)}, 0),
]


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize(("given", "expected"), CASES)
def test_the_bars_are_the_entries(
    entries: None, root: User, given: dict[str, Any], expected: int, counted: bool
) -> None:
    if counted:
        rollup.catch_up("default", patience=0)
    with timezone.override("UTC"):
        found = histogram(EntryFilter(**given), root)
    assert sum(bar.count for bar in found.bars) == expected
    assert not found.truncated
    assert len(found.bars) <= 60
    for before, after in pairwise(found.bars):
        assert before.end == after.start


@pytest.mark.parametrize("buckets", [1, 2, 7, 60])
def test_no_more_bars_than_asked_for(entries: None, root: User, buckets: int) -> None:
    for given in (EntryFilter(), EntryFilter(actor="bo"), EntryFilter(search="record")):
        found = histogram(given, root, buckets=buckets)
        assert len(found.bars) <= max(buckets, 2)
        assert sum(bar.count for bar in found.bars) in (12, 120)


def test_too_many_to_count_one_by_one(entries: None, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EXACT", "NEWEST"):
        # The package's name for the module is that of its function.
        monkeypatch.setattr(sys.modules["audit_plugin.activity.histogram"], name, 10)
    # By actor there are counts by month.
    by_actor = histogram(EntryFilter(actor="ann"), root)
    assert (sum(bar.count for bar in by_actor.bars), by_actor.truncated) == (108, False)
    # By words there are none: the newest only, and it says so.
    newest = histogram(EntryFilter(search="record"), root)
    assert newest.truncated
    assert newest.approximate
    assert 0 < sum(bar.count for bar in newest.bars) <= 10


def test_short_ranges_have_bars_of_the_reader_s_hours(entries: None, root: User) -> None:
    with timezone.override("Asia/Kolkata"):
        found = histogram(EntryFilter(since=date(2025, 6, 3), until=date(2025, 6, 3)), root)
        assert timezone.localtime(found.bars[0].start).hour == 0
    assert found.bars[0].end - found.bars[0].start in bars.WIDTHS
    assert not found.approximate


def test_nothing_at_all(root: User) -> None:
    assert histogram(EntryFilter(), root) == Histogram([])


def test_nobody_sees_bars_of_what_they_may_not_view(entries: None) -> None:
    assert histogram(EntryFilter(), user_with("nobody")) == Histogram([])


@pytest.mark.parametrize(
    ("first", "last", "buckets", "number"),
    [
        (date(2025, 1, 31), date(2025, 1, 31), 60, 1),
        (date(2024, 2, 28), date(2024, 3, 1), 60, 3),
        (date(2020, 1, 1), date(2025, 12, 31), 60, 60),
    ],
)
def test_days_and_months_without_gaps(first: date, last: date, buckets: int, number: int) -> None:
    days = {first: 1, last: 2} if first != last else {first: 3}
    made = bars.day_bars(days, first, last, buckets)
    assert len(made) <= number
    assert sum(bar.count for bar in made) == 3
    assert made[-1].end == datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    by_month = bars.month_bars({day.replace(day=1): n for day, n in days.items()}, first, last, buckets)
    assert by_month[0].start == datetime(first.year, first.month, 1, tzinfo=UTC)
    assert len(by_month) <= buckets
