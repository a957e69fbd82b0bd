"""What was counted is kept until more is counted, and no longer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from audit_plugin import rollup
from audit_plugin.models import Entry
from audit_plugin.rollup import Rollup, known
from audit_plugin.rollup.conditions import Wanted
from tests.reading import JUNE, add
from tests.rollup.test_counts import WANTED, add_some


@pytest.mark.django_db
def test_what_was_counted_is_asked_for_once(django_assert_num_queries: Any) -> None:
    add_some(1)
    rollup.catch_up("default", patience=0)
    wanted = WANTED[1]
    expected = Rollup("default").values("model", wanted)
    with django_assert_num_queries(1):
        # For their state only; nothing is new.
        assert Rollup("default").values("model", wanted) == expected
    add(JUNE, 99, action="update", model="testapp.tag")
    assert Rollup("default").values("model", wanted) == [*expected, "testapp.tag"]
    rollup.catch_up("default", patience=0)
    assert Rollup("default").values("model", wanted) == [*expected, "testapp.tag"]


@pytest.mark.django_db
def test_the_same_number_after_counting_anew_is_not_the_same_state() -> None:
    add_some(1)
    rollup.catch_up("default", patience=0)
    before = Rollup("default").total(Wanted())
    rollup.start_anew("default")
    with connection.cursor() as cursor:
        # As if all entries but the newest had been removed from the log.
        cursor.execute("SELECT max(seq) - 1 FROM audit_plugin_entry")
        cursor.execute("UPDATE audit_plugin_rollup_state SET seq = %s", cursor.fetchone())
    rollup.catch_up("default", patience=0)
    assert (before, Rollup("default").total(Wanted())) == (Entry.objects.count(), 1)


@pytest.mark.django_db
def test_a_page_reads_one_state() -> None:
    add_some(1)
    with rollup.reading_once():
        first = Rollup.now("default")
        assert first.total(Wanted()) == 12
        add_some(2)
        assert Rollup.now("default") is first
        assert first.total(Wanted()) == 12
    assert Rollup.now("default").total(Wanted()) == 24


def test_only_so_many_rows_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST_ROWS", 5)
    kept, asked = known.Known(), []

    def ask(state: str, question: str, rows: int) -> int:
        def answer() -> list[tuple[int]]:
            asked.append(question)
            return [(0,)] * rows

        return len(kept.answer(state, question, answer))

    assert [ask("1", name, 1) for name in ("a", "b", "a", "c", "a", "b")] == [1] * 6
    # The third was one too many, and "b" the one that nobody had asked for since.
    assert asked == ["a", "b", "c", "b"]
    assert ask("1", "large", 6) == ask("1", "large", 6) == 6
    assert asked[4:] == ["large", "large"]
    assert [ask("2", "b", 1), ask("2", "b", 1)] == [1, 1]
    assert asked[6:] == ["b"]
