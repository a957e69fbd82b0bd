"""What a host can choose about the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db.models import QuerySet

import audit_plugin
from audit_plugin.filters import ExtraFilter
from sample_project.people.models import Tag
from tests.admin.conftest import LIST, SignIn, read


class Named(ExtraFilter):
    """Tags by the beginning of their name."""

    name = "beginning"
    label = "Beginning"
    group = "names"

    def choices(self, user: Any) -> Sequence[tuple[str, str]]:
        return [("A", "With an A"), ("B", "With a B")]

    def label_of(self, user: Any, value: str) -> str:
        return f"With a {value}"

    def apply(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(object_repr__startswith=value)


class Typed(Named):
    """The same, found by typing."""

    name = "typed"
    label = "Typed"
    type_ahead = True

    def search(self, user: Any, text: str) -> Sequence[tuple[str, str]]:
        return [(text[:1].upper(), f"Found by {text}")]


def pictures(keys: set[str]) -> Mapping[str, str]:
    return {key: f"/media/{key}.png" for key in keys}


@pytest.fixture
def tags(db: None) -> None:
    Tag.objects.create(name="Apple")
    Tag.objects.create(name="Banana")


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def test_a_hosts_filter_has_a_field_a_chip_and_an_effect(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_FILTERS = [Named]
    page = soup(read(sign_in("admin"), beginning="A", model="people.tag"))
    assert [option.get_text() for option in page.select("#audit-f-beginning option")] == [
        "All",
        "With an A",
        "With a B",
    ]
    assert "Beginning: With a A" in page.select_one(".audit-chips").get_text(" ", strip=True)  # type: ignore[union-attr]
    assert len(page.select("a.audit-open")) == 1


def test_filters_of_one_group_exclude_each_other(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_FILTERS = [Named, Typed]
    page = soup(read(sign_in("admin"), beginning="A", typed="B"))
    assert "Only one of Beginning and Typed can be set." in page.get_text()
    assert {field["data-group"] for field in page.select("select[data-group]")} == {"names"}


def test_a_type_ahead_filter_is_asked_for_what_was_typed(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_FILTERS = [Typed]
    browser = sign_in("admin")
    answer = browser.get(f"{LIST}choices/?field=typed&term=ban").json()
    assert answer["results"] == [{"id": "B", "text": "Found by ban", "detail": ""}]
    assert browser.get(f"{LIST}choices/?field=typed&term=").json()["results"] == []


class OnStudioTab(Named):
    """One that knows its values, and who may know them."""

    name = "studio"
    channels = ("studio",)
    group = None

    def clean(self, value: str) -> str:
        if value not in ("A", "B"):
            raise ValueError("There is no such beginning.")
        return value

    def label_of(self, user: Any, value: str) -> str:
        named: str = {"A": "With an A", "B": "With a B"}[value]
        return named if user.is_superuser else value


def test_a_filter_of_one_tab_stays_there(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_FILTERS = [OnStudioTab]
    settings.AUDIT_ADMIN_TABS = [
        ("All", {}),
        ("Studio", {"channel": "studio"}),
        ("Data", {"channel": "data"}),
    ]
    browser = sign_in("admin")
    assert not soup(read(browser)).select("#audit-f-studio")
    assert not soup(read(browser, channel="data")).select("#audit-f-studio")
    page = soup(read(browser, channel="studio", studio="A", size="20"))
    assert page.select("#audit-f-studio")
    assert [tab["href"].split("?")[1] for tab in page.select(".audit-tabs a")] == [  # type: ignore[union-attr]
        "size=20",
        "studio=A&channel=studio&size=20",
        "channel=data&size=20",
    ]
    # An address may still hold it: then it shows, to be taken away.
    page = soup(read(browser, studio="A"))
    assert page.select("#audit-f-studio")
    assert page.select_one(".audit-chip").get_text(" ", strip=True) == "Beginning: With an A"  # type: ignore[union-attr]


def test_a_hosts_filter_names_values_it_knows_to_who_may_know(sign_in: SignIn, settings: Any) -> None:
    settings.AUDIT_FILTERS = [OnStudioTab]
    page = read(sign_in("admin"), studio="nonsense")
    assert "Beginning: There is no such beginning." in page
    chip = soup(read(sign_in("auditor"), studio="A")).select_one(".audit-chip")
    assert chip is not None and chip.get_text(" ", strip=True) == "Beginning: A"


def test_tabs_are_filters_with_names(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_ADMIN_TABS = [
        ("Everything", {}),
        ("New tags", {"model": "people.tag", "action": "create"}),
    ]
    page = soup(read(sign_in("admin"), model="people.tag", action="create", search="Banana", size="20"))
    assert page.select_one(".audit-tabs [aria-current]").get_text() == "New tags"  # type: ignore[union-attr]
    assert [chip.get_text(" ", strip=True) for chip in page.select(".audit-chip > span")] == [
        "Search: Banana"
    ]
    everything = page.select(".audit-tabs a")[0]["href"]
    assert everything == f"{LIST}?search=Banana&size=20"
    assert page.select_one(".audit-clear")["href"] == f"{LIST}?model=people.tag&action=create&size=20"  # type: ignore[index]


def test_columns_in_the_order_of_the_setting(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_ADMIN_COLUMNS = ["details", "subject", "nonsense", "when"]
    page = soup(read(sign_in("auditor"), model="people.tag"))
    wanted = ["audit-col-details", "audit-col-subject", "audit-col-when"]
    assert [str(cell["class"][0]) for cell in page.select(".audit-table thead th")] == wanted
    assert [str(cell["class"][0]) for cell in page.select(".audit-table tbody tr:first-child td")] == wanted


def test_the_list_can_always_be_opened(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_ADMIN_COLUMNS = ["when"]
    assert soup(read(sign_in("admin"), model="people.tag")).select("a.audit-open")


def test_pictures_come_from_one_call(sign_in: SignIn, settings: Any, people: Any, tags: None) -> None:
    calls = []

    def hook(keys: set[str]) -> Mapping[str, str]:
        calls.append(keys)
        return pictures(keys)

    settings.AUDIT_ADMIN_AVATARS = hook
    for name in ("editor", "mira"):
        with audit_plugin.context(actor=people[name]):
            Tag.objects.create(name=f"By {name}")
    page = soup(read(sign_in("admin"), search="By "))
    keys = {str(people[name].pk) for name in ("editor", "mira")}
    assert calls == [keys]
    assert {str(image["src"]) for image in page.select("img.audit-avatar")} == {
        f"/media/{key}.png" for key in keys
    }


def test_the_clock_one_begins_with_and_how_moments_are_written(
    sign_in: SignIn, settings: Any, log: Any
) -> None:
    Tag.objects.create(name="Now")
    settings.AUDIT_ADMIN_TIME_ZONE = "utc"
    settings.AUDIT_ADMIN_DATETIME_FORMAT = "Y-m-d H:i:s"
    moment = log()[-1].occurred_at
    page = soup(read(sign_in("admin"), search="Now"))
    assert page.select_one("#audit-page")["data-zone"] == "UTC"  # type: ignore[index]
    assert page.select_one("tbody time").get_text() == f"{moment:%Y-%m-%d %H:%M:%S}"  # type: ignore[union-attr]


def test_a_list_that_doesnt_ask_for_news(sign_in: SignIn, settings: Any, tags: None) -> None:
    settings.AUDIT_ADMIN_POLL_SECONDS = 0
    page = soup(read(sign_in("admin")))
    assert page.select_one("#audit-news")["data-every"] == "0"  # type: ignore[index]
