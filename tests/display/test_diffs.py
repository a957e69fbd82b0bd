"""Differences inside values: what is found, and that finding it takes no time whatever the values are."""

from __future__ import annotations

import time
from typing import Any

import pytest

from audit_plugin.changes import FieldChange
from audit_plugin.display import change_view, json_diff, word_diff
from audit_plugin.display.diffs import MAX_CHANGES


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("a", "changed", 1, 2)]),
        ({"a": {"b c": 1}}, {"a": {}}, [('a["b c"]', "removed", 1, None)]),
        ([1, 2, 3], [0, 1, 2, 3], [("[0]", "added", None, 0)]),
        ([1, 2, 3, 4], [1, 3, 4], [("[1]", "removed", 2, None)]),
        ({"a": True}, {"a": 1}, [("a", "changed", True, 1)]),
        ({"a": None}, {"a": None, "b": None}, [("b", "added", None, None)]),
        ([], [], []),
    ],
)
def test_json_by_path(old: Any, new: Any, expected: list[Any]) -> None:
    found = json_diff(old, new)
    assert [(place.path, place.kind, place.old, place.new) for place in found] == expected
    assert found.cut is False


def test_of_many_places_it_is_known_that_there_are_more() -> None:
    whole = {f"key{number}": number for number in range(MAX_CHANGES)}
    found = json_diff(whole, {key: value + 1 for key, value in whole.items()})
    assert (len(found), found.cut) == (MAX_CHANGES, False)
    found = json_diff({**whole, "one": 1}, {key: value + 1 for key, value in whole.items()})
    assert (len(found), found.cut) == (MAX_CHANGES, True)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("the red fox", "the quick red fox", "the {quick }red fox"),
        ("one two three", "one 2 three", "one [two]{2} three"),
        ("same " * 300 + "end", "same " * 300 + "over", "same " * 300 + "[end]{over}"),
        ("", "new", "{new}"),
    ],
)
def test_text_by_word(old: str, new: str, expected: str) -> None:
    signs = {"same": "{}", "removed": "[{}]", "added": "{{{}}}"}
    assert "".join(signs[span.kind].format(span.text) for span in word_diff(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x " * 999, "y " * 999),
        ("a b " * 499, "b c " * 499),
        ("x " * 999, "x y " * 499),
        ("x" * 3_000_000, "y " * 1_000_000),
    ],
)
def test_no_text_takes_long(old: str, new: str) -> None:
    began = time.perf_counter()
    spans = word_diff(old, new)
    assert time.perf_counter() - began < 3
    assert "".join(span.text for span in spans if span.kind != "added") == old
    assert "".join(span.text for span in spans if span.kind != "removed") == new


def test_no_list_takes_long() -> None:
    began = time.perf_counter()
    assert json_diff([[0, 1] * 250] * 40, [[0, 2] * 250] * 40)
    assert time.perf_counter() - began < 3


def test_a_list_of_entries_compares_nothing_that_it_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*values: Any) -> Any:
        raise AssertionError("compared")

    monkeypatch.setattr("audit_plugin.display.views.json_diff", never)
    monkeypatch.setattr("audit_plugin.display.views.word_diff", never)
    assert str(change_view("x.y", FieldChange("a", old={"k": 1}, new={"k": 2}))) == 'a: {"k": 1} → {"k": 2}'
    assert change_view("x.y", FieldChange("a", old="b" * 90, new="c" * 90)).kind == "text"
