"""Which entries a filter finds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from audit_plugin.exceptions import ConfigurationError
from audit_plugin.filters import EntryFilter, ExtraFilter, extra_filters
from tests.reading import JUNE, add, add_context, everything

pytestmark = pytest.mark.django_db

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def entries() -> dict[str, UUID]:
    ann = add_context("7", "Ann Archer", "ann@example.org", request_id="r-1")
    return {
        "plain": add(JUNE, 1, context_id=ann, actor_id="7", tenant="north"),
        "created": add(
            JUNE + timedelta(hours=23), 2, action="create", object_id="2", object_repr="Big <b>Ben</b>"
        ),
        "login": add(
            JUNE + timedelta(days=1),
            3,
            action="auth.login",
            channel="auth",
            model="",
            object_id="",
            object_repr="",
        ),
        "restored": add(
            JUNE + timedelta(days=2), 4, action="restore", restored_from=str(ONE), model="testapp.tag"
        ),
        "composite": add(
            JUNE + timedelta(days=3),
            5,
            model="testapp.orderline",
            object_id='["Ä1", 2]',
            object_repr="Änne-Marie O'Neil",
        ),
    }


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"plain", "created", "login", "restored", "composite"}),
    ({"actor": "7"}, {"plain"}),
    ({"action": "create"}, {"created"}),
    ({"model": "testapp.author"}, {"plain", "created"}),
    ({"channel": "auth"}, {"login"}),
    ({"tenant": "north"}, {"plain"}),
    ({"object_id": "1"}, {"plain", "restored"}),
    ({"object_id": "1", "model": "testapp.tag"}, {"restored"}),
    ({"object_id": '["Ä1", 2]'}, {"composite"}),
    ({"request_id": "r-1"}, {"plain"}),
    ({"restored_from": ONE}, {"restored"}),
    ({"restored_from": TWO}, set()),
    ({"since": date(2025, 6, 1), "until": date(2025, 6, 1)}, {"plain", "created"}),
    ({"since": date(2025, 6, 2)}, {"login", "restored", "composite"}),
    ({"until": date(2025, 5, 31)}, set()),
    ({"since": JUNE + timedelta(hours=23), "until": JUNE + timedelta(hours=23)}, {"created"}),
    ({"actor": "7", "action": "create"}, set()),
    ({"actor": "7", "action": "update", "tenant": "north", "model": "testapp.author"}, {"plain"}),
    # The search: actor, model, key, words of the name.
    ({"search": "archer"}, {"plain"}),
    ({"search": "ANN"}, {"plain", "restored"}),
    ({"search": "author"}, {"plain", "created"}),
    ({"search": "2"}, {"created"}),
    ({"search": "ben big"}, {"created"}),
    ({"search": "bi be"}, set()),
    ({"search": "big be"}, {"created"}),
    ({"search": "eil"}, set()),
    ({"search": "o'neil ÄNNE"}, {"composite"}),
    ({"search": "<b>ben"}, {"created"}),
    ({"search": "archer", "action": "create"}, set()),
]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_all_conditions_have_to_be_met(
    entries: dict[str, UUID], given: dict[str, Any], expected: set[str]
) -> None:
    names = {id: name for name, id in entries.items()}
    with timezone.override("UTC"):
        assert {names[entry.id] for entry in EntryFilter(**given).apply(everything())} == expected


def test_days_are_those_of_the_current_time_zone(entries: dict[str, UUID]) -> None:
    with timezone.override("Europe/Berlin"):
        # 23 o'clock in Greenwich is the next day in Berlin.
        found = EntryFilter(since=date(2025, 6, 2), until=date(2025, 6, 2)).apply(everything())
        assert {entry.id for entry in found} == {entries["created"], entries["login"]}


def test_the_context_is_found_by_its_key(entries: dict[str, UUID]) -> None:
    context = everything().get(id=entries["plain"]).context_id
    assert [entry.id for entry in EntryFilter(context=context).apply(everything())] == [entries["plain"]]


class Starts(ExtraFilter):
    name = "starts"
    label = "Begins with"
    group = "name"

    def clean(self, value: str) -> str:
        if not value.isalpha():
            raise ValueError("Letters only.")
        return value

    def apply(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(object_repr__istartswith=value)


class Ends(Starts):
    name = "ends"
    label = "Ends with"
    channels = ("auth",)


class Taken(Starts):
    name = "actor"


HERE = "tests.filters.test_conditions"


def test_a_hosts_filter_comes_on_top(entries: dict[str, UUID], settings: Any) -> None:
    settings.AUDIT_FILTERS = [f"{HERE}.Starts", f"{HERE}.Ends"]
    given, errors = EntryFilter.parse({"starts": "big", "action": "create"})
    assert (errors, [entry.id for entry in given.apply(everything())]) == ({}, [entries["created"]])
    assert EntryFilter.parse(given.query()) == (given, {})
    assert list(extra_filters("data")) == ["starts"]
    assert list(extra_filters("auth")) == ["starts", "ends"]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({"starts": "1=1"}, {"starts": "Letters only."}),
        ({"starts": "a", "ends": "b"}, {"ends": "Only one of Begins with and Ends with can be set."}),
    ],
)
def test_what_a_hosts_filter_refuses_finds_nothing(
    entries: dict[str, UUID], settings: Any, query: dict[str, str], errors: dict[str, str]
) -> None:
    settings.AUDIT_FILTERS = [f"{HERE}.Starts", f"{HERE}.Ends"]
    given, found = EntryFilter.parse(query)
    assert (found, list(given.apply(everything()))) == (errors, [])


def test_a_filter_made_in_code_that_doesnt_exist_finds_nothing(entries: dict[str, UUID]) -> None:
    given = EntryFilter(extra={"gone": "1"})
    assert given.validate() == {"gone": "There is no such filter."}
    assert list(given.apply(everything())) == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["nowhere.Filter"], "nowhere"),
        ([f"{HERE}.Taken"], "is taken"),
        ([f"{HERE}.Starts", f"{HERE}.Starts"], "is taken"),
        ([f"{HERE}.JUNE"], "not callable"),
    ],
)
def test_a_wrong_setting_is_an_error(settings: Any, names: list[str], message: str) -> None:
    settings.AUDIT_FILTERS = names
    with pytest.raises(ConfigurationError, match=message):
        extra_filters()
