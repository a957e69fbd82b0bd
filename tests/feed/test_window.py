"""The window: what it keeps, and what it answers to whoever stands where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_plugin.feed import window
from audit_plugin.feed.reading import Piece
from audit_plugin.feed.window import Window
from audit_plugin.models import Entry


def piece(after: int, *numbers: int, upto: int, size: int = 1) -> Piece:
    return Piece(after, upto, tuple(Entry(seq=number) for number in numbers), size)


def everything(entry: Entry) -> bool:
    return True


@given(st.lists(st.sets(st.integers(1, 9)), max_size=20), st.integers(0, 250), st.integers(2, 5))
def test_everything_wanted_after_a_position_in_order(
    pieces: list[set[int]], position: int, divisor: int
) -> None:
    found = Window(0)
    numbers = []
    for index, part in enumerate(pieces):
        here = sorted(10 * index + number for number in part)
        numbers += here
        found.add(piece(10 * index, *here, upto=10 * index + 10))
    got, begun = [], position
    while position < found.end:
        step = found.next(position, lambda entry: entry.seq % divisor == 0)
        assert step is not None and step[0] > position
        position, entry = step
        if entry is not None:
            got.append(entry.seq)
    assert got == [number for number in numbers if number % divisor == 0 and number > begun]


def test_who_stands_before_what_is_kept_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "MOST_ENTRIES", 3)
    found = Window(10)
    assert found.next(9, everything) is None and found.next(10, everything) == (10, None)
    found.add(piece(10, 11, 12, upto=12))
    found.add(piece(12, 13, 14, upto=20))
    assert found.next(11, everything) is None
    step = found.next(12, everything)
    assert step is not None and step[0] == 13
    assert found.next(14, everything) == (20, None)


def test_ahead_of_the_window_nothing_is_new() -> None:
    found = Window(10)
    found.add(piece(10, 11, upto=12))
    assert found.end == 12
    assert found.next(500, everything) == (12, None)


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", 25), ("MOST_PIECES", 2)])
def test_it_stays_small(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(window, limit, value)
    found = Window(0)
    for number in range(100):
        found.add(piece(number, number + 1, upto=number + 1, size=10))
    assert len(found._pieces) == 2
    # A piece that is too large by itself is kept until the next one comes.
    found.add(piece(100, 101, upto=101, size=1000))
    assert found.next(100, everything) is not None
