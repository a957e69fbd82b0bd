"""Pages, cursors, sizes and numbers; that pages skip and repeat nothing is in tests/finder."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit_plugin import testing
from audit_plugin.exceptions import InvalidCursor
from audit_plugin.filters import EntryFilter
from audit_plugin.pagination import ORDERS, Count, count, page, parse_size, position
from audit_plugin.pagination.cursors import decode
from audit_plugin.visibility import Scope
from tests.reading import JUNE, add, add_all, everything

SIZES = [
    (None, 50),
    ("", 50),
    ("20", 20),
    (10, 10),
    ("0", 50),
    ("-5", 50),
    ("1000000000", 100),
    ("1" * 5000, 50),
    ("10.5", 50),
    ("ten", 50),
    ("\u0661\u0660", 10),
]


@pytest.mark.parametrize(("text", "size"), SIZES, ids=lambda value: str(value)[:12])
def test_sizes(text: Any, size: int) -> None:
    assert parse_size(text) == size


def as_cursor(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


ID = UUID(int=1).bytes
FORGED = [
    "",
    "x",
    "%%%",
    "💥",
    "a" * 10_000,
    "../../etc/passwd",
    "' OR 1=1 --",
    as_cursor(b"n"),
    as_cursor(b"n" + ID[:15]),
    as_cursor(b"n" + ID + b"x"),
    as_cursor(b"a" + ID + b"update"),
    as_cursor(b"\xff" + ID),
]


@pytest.mark.parametrize("cursor", FORGED, ids=lambda value: repr(value)[:20])
def test_a_forged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode("newest", cursor)


@pytest.mark.parametrize(
    "cursor", [as_cursor(b"n" + ID), as_cursor(b"a" + ID + b"\x00"), as_cursor(b"a" + ID + b"\xff")]
)
def test_a_cursor_of_another_order_or_with_what_no_text_is_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode("action", cursor)


@pytest.mark.django_db
@pytest.mark.parametrize("order", ORDERS)
def test_a_cursor_of_the_first_or_last_possible_entry_leads_somewhere(order: str) -> None:
    add(JUNE)
    letter, column = ORDERS[order]
    for id in (UUID(int=0), UUID(int=(1 << 128) - 1)):
        cursor = as_cursor(letter.replace("o", "n").encode() + id.bytes + (b"zzz" if column else b""))
        for entries in (everything(), Scope(nothing=True).entries()):
            assert len(page(entries, order=order, after=cursor).entries) <= 1
            assert len(page(entries, order=order, before=cursor).entries) <= 1


@pytest.mark.django_db
def test_a_cursor_holds_no_rights() -> None:
    add_all([{"at": JUNE + timedelta(minutes=number), "tenant": "north"} for number in range(4)])
    cursor = page(everything(), size=2).end_cursor
    assert page(Scope(tenants=frozenset({"south"})).entries(), after=cursor).entries == []
    assert page(EntryFilter(tenant="south").apply(everything()), after=cursor).entries == []


@pytest.mark.django_db
def test_entries_that_arrive_move_nothing() -> None:
    ids = add_all([{"at": JUNE + timedelta(minutes=number)} for number in range(6)])
    first = page(everything(), size=3)
    add_all(
        [{"at": JUNE + timedelta(hours=1, minutes=number), "number": 100 + number} for number in range(3)]
    )
    second = page(everything(), size=3, after=first.end_cursor)
    assert [entry.id for entry in [*first.entries, *second.entries]] == ids[::-1]
    assert not second.has_next
    back = page(everything(), size=3, before=second.start_cursor)
    assert back.entries == first.entries
    assert back.has_previous


@pytest.mark.django_db
def test_an_empty_page() -> None:
    found = page(EntryFilter(actor="nobody").apply(everything()))
    assert (found.entries, found.has_next, found.has_previous) == ([], False, False)
    assert (found.start_cursor, found.end_cursor) == (None, None)
    assert position(everything(), found) == Count(0)


def test_what_is_no_order_is_an_error_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="no order 'id; DROP'"):
        page(everything(), order="id; DROP")
    with pytest.raises(ValueError, match="either"):
        page(everything(), after="a", before="b")


@pytest.mark.django_db
def test_the_size_is_cut() -> None:
    add_all([{"at": JUNE + timedelta(minutes=number)} for number in range(5)])
    assert len(page(everything(), size=10**9, maximum=3).entries) == 3
    assert len(page(everything(), size=-1).entries) == 1


@pytest.mark.django_db
def test_numbers_are_exact_up_to_the_cap_and_estimates_beyond(settings: Any) -> None:
    add_all([{"at": JUNE + timedelta(minutes=number), "actor_id": str(number % 2)} for number in range(30)])
    assert count(everything(), cap=30) == Count(30)
    assert count(everything(), cap=29).capped
    about = count(everything(), cap=10)
    assert about == Count(30, capped=True)
    assert count(EntryFilter(actor="1").apply(everything()), cap=5) == Count(15, capped=True)
    assert count(EntryFilter(actor="nobody").apply(everything()), cap=5) == Count(0)
    assert count(everything().filter(object_id="1"), cap=5).capped
    settings.AUDIT_COUNT_CAP = 12
    assert count(everything()) == Count(30, capped=True)
    assert count(EntryFilter(actor="1").apply(everything())).capped


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_a_page_knows_how_many_come_before_it(order: str) -> None:
    add_all([{"at": JUNE + timedelta(minutes=number)} for number in range(7)])
    first = page(everything(), order=order, size=3)
    assert position(everything(), first) == Count(0)
    second = page(everything(), order=order, size=3, after=first.end_cursor)
    assert position(everything(), second) == Count(3)


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["action", "-action"])
def test_values_with_few_entries_are_looked_for_together(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit_plugin.pagination.sorting.FEW", 10)

    def log_of(rare: int) -> int:
        testing.clear()
        rows = [{"action": f"rare.{number}"} for number in range(rare)] + [{"action": "often.done"}] * 30
        add_all([{"at": JUNE, "number": number, **row} for number, row in enumerate(rows)])
        with CaptureQueriesContext(connection) as queries:
            found = page(everything(), order=order, size=100).entries
        assert len(found) == len(rows)
        assert [entry.action for entry in found] == sorted(
            (str(row["action"]) for row in rows), reverse=order.startswith("-")
        )
        return len(queries)

    log_of(1)  # What is kept between pages is there from now on.
    assert log_of(9) == log_of(2)
