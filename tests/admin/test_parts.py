"""What htmx asks for: parts of the page, under the same rules."""

from __future__ import annotations

import pytest
from django.test import Client

from sample_project.people.models import Tag
from tests.admin.conftest import LIST, SignIn

PARTS = {"audit-page": 'id="audit-page"', "audit-results": 'id="audit-results"', "audit-slot": "<dialog"}


def ask(browser: Client, target: str, **query: str) -> str:
    response = browser.get(LIST, query, headers={"hx-request": "true", "hx-target": target})
    assert response.status_code == 200
    assert {"HX-Request", "HX-Target"} <= set(response["Vary"].replace(" ", "").split(","))
    return response.content.decode()


@pytest.mark.parametrize("target", PARTS)
def test_a_part_is_no_whole_page(sign_in: SignIn, log: object, target: str) -> None:
    Tag.objects.create(name="Marker")
    page = ask(sign_in("auditor"), target, entry=str(log()[-1].pk))  # type: ignore[operator]
    assert PARTS[target] in page
    assert "<html" not in page


def test_an_unknown_target_gets_the_whole_page(sign_in: SignIn) -> None:
    assert "<html" in ask(sign_in("auditor"), "something-else", all="1")


def test_the_tabs_follow_the_filter_although_only_the_results_are_replaced(sign_in: SignIn) -> None:
    Tag.objects.create(name="Marker")
    page = ask(sign_in("auditor"), "audit-results", search="Marker")
    assert 'id="audit-top" hx-swap-oob="true"' in page
    assert "search=Marker&amp;channel=data" in page


def test_news_counts_what_came_after(sign_in: SignIn, log: object) -> None:
    browser = sign_in("auditor")
    Tag.objects.create(name="Before")
    than = log()[-1].pk  # type: ignore[operator]
    url = f"{LIST}news/?model=people.tag&than={than}"
    assert "new entr" not in browser.get(url).content.decode()
    Tag.objects.create(name="After")
    page = browser.get(url).content.decode()
    assert "1 new entry" in page
    assert f"{LIST}?model=people.tag" in page
    Tag.objects.bulk_create(Tag(name=f"Tag {number}") for number in range(100))
    assert "99+ new entries" in browser.get(url).content.decode()


def test_choices_of_actors_are_those_in_the_log_that_fit(sign_in: SignIn, people: object) -> None:
    browser = sign_in("admin")
    browser.post("/admin/people/tag/add/", {"name": "By Ada", "colour": "#607d8b"})
    found = browser.get(f"{LIST}choices/?field=actor&term=oKONk").json()["results"]
    assert [choice["text"] for choice in found] == ["Ada Okonkwo"]
    assert browser.get(f"{LIST}choices/?field=actor&term=nobody").json()["results"] == []


@pytest.mark.parametrize(
    "path", ["news/", "choices/?field=actor", "record/people.tag/1/", "deleted/", "export/"]
)
def test_no_part_is_for_who_may_not_view(sign_in: SignIn, path: str) -> None:
    assert sign_in("editor").get(LIST + path).status_code == 403
