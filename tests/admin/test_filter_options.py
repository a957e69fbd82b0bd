"""The choices of a select, which aren't written by a template."""

from __future__ import annotations

from bs4 import BeautifulSoup

from audit_plugin.admin.fields import Field
from audit_plugin.facets import Choice

MARKUP = """</option><script>alert("1" & '2')</script>"""


def options(value: str, *choices: Choice) -> list[tuple[str, str, bool]]:
    """What a browser makes of them: values, labels, and which of them is selected."""
    html = BeautifulSoup(Field("actor", "Actor", "select", value, choices=choices).options, "html.parser")
    assert {tag.name for tag in html.find_all()} <= {"option"}
    return [(str(tag["value"]), tag.get_text(), tag.has_attr("selected")) for tag in html.find_all("option")]


def test_markup_in_values_and_labels_is_text() -> None:
    assert options("", Choice(MARKUP, MARKUP)) == [(MARKUP, MARKUP, False)]


def test_what_is_set_is_selected() -> None:
    assert options("2", Choice("1", "Ada"), Choice("2", "Bo")) == [("1", "Ada", False), ("2", "Bo", True)]


def test_what_is_set_is_offered_even_if_nothing_has_it() -> None:
    assert options(MARKUP, Choice("1", "Ada")) == [("1", "Ada", False), (MARKUP, MARKUP, True)]


def test_nothing_is_selected_where_nothing_is_set() -> None:
    assert options("", Choice("1", "Ada")) == [("1", "Ada", False)]


def test_people_of_one_name_say_which_of_them_they_are() -> None:
    twins = Choice("1", "Ann Lee", "ann@a.example"), Choice("2", "Ann Lee"), Choice("3", "Bo")
    assert [label for _value, label, _selected in options("", *twins)] == [
        "Ann Lee (ann@a.example)",
        "Ann Lee (2)",
        "Bo",
    ]
