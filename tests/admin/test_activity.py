"""The drawing of the activity: as many bars as tell something, none of them a wall."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup

from audit_plugin.admin.activity import HEIGHT, NARROWEST, STEP, draw
from audit_plugin.admin.address import Address
from audit_plugin.facets import Bar, Histogram
from sample_project.people.models import Tag
from tests.admin.conftest import LIST, SignIn, read

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def bars(*counts: int) -> Histogram:
    return Histogram([Bar(BEGIN + DAY * n, BEGIN + DAY * (n + 1), count) for n, count in enumerate(counts)])


@pytest.mark.parametrize("number", [1, 2, 12, 40, 60])
def test_no_bar_is_wider_than_a_small_part_of_the_drawing(number: int) -> None:
    found = draw(bars(*range(1, number + 1)), Address.read(LIST, {}))
    for place, bar in enumerate(found.bars):
        assert bar.width <= found.width / min(NARROWEST, number)
        assert bar.width / found.width <= 1 / NARROWEST or number > NARROWEST
        assert place * STEP <= bar.x and bar.x + bar.width <= (place + 1) * STEP
    assert found.bars[-1].height == HEIGHT


def test_a_single_entry_among_thousands_is_seen_and_nothing_is_not() -> None:
    found = draw(bars(10_000, 1, 0), Address.read(LIST, {}))
    assert [bar.height > 0 for bar in found.bars] == [True, True, False]
    assert draw(bars(0, 0), Address.read(LIST, {})).bars == []


@pytest.mark.django_db
def test_a_young_log_has_bars_of_minutes(sign_in: SignIn) -> None:
    Tag.objects.create(name="x")
    page = BeautifulSoup(read(sign_in("auditor"), model="people.tag"), "html.parser")
    found = [
        str(bar["aria-label"])
        for bar in page.select(".audit-activity a")
        if "1 entr" in str(bar["aria-label"])
    ]
    minutes = re.findall(r" (\d\d:\d\d):00", found[0])
    assert len(found) == 1 and len(set(minutes)) == 2
