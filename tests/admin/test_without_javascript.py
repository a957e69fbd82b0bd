"""Every page works as plain HTML: links and forms lead everywhere."""

from __future__ import annotations

import re
from html import unescape

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from sample_project.people.models import Tag
from tests.admin.conftest import LIST, SignIn, read


@pytest.fixture
def browser(sign_in: SignIn) -> Client:
    Tag.objects.bulk_create(Tag(name=f"Tag {number:02}") for number in range(25))
    return sign_in("auditor")


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def follow(browser: Client, page: BeautifulSoup, selector: str) -> BeautifulSoup:
    link = page.select_one(selector)
    assert link is not None, selector
    return soup(read(browser, unescape(str(link["href"]))))


def submit(browser: Client, page: BeautifulSoup, selector: str, **fields: str) -> BeautifulSoup:
    form = page.select_one(selector)
    assert form is not None
    values: dict[str, str] = {}
    for control in form.select("input[name], select[name]"):
        name = str(control["name"])
        if control.name == "select":
            option = control.select_one("option[selected]") or control.select_one("option")
            values[name] = str(option["value"]) if option else ""
        elif control.get("type") != "radio" or control.has_attr("checked"):
            values[name] = str(control.get("value") or "")
    return soup(read(browser, str(form["action"]), **{**values, **fields}))


def entries(page: BeautifulSoup) -> list[str]:
    return [str(link["data-entry"]) for link in page.select("a.audit-open")]


def test_pages_forth_and_back(browser: Client) -> None:
    first = soup(read(browser, model="people.tag", size="10"))
    second = follow(browser, first, "#audit-next")
    third = follow(browser, second, "#audit-next")
    assert [len(entries(page)) for page in (first, second, third)] == [10, 10, 5]
    assert len({*entries(first), *entries(second), *entries(third)}) == 25
    assert third.select_one("#audit-next")["aria-disabled"] == "true"  # type: ignore[index]
    assert entries(follow(browser, third, "#audit-previous")) == entries(second)
    ranges = [page.select_one(".audit-range").get_text(strip=True) for page in (first, second, third)]  # type: ignore[union-attr]
    assert ranges == ["1–10 of 25", "11–20 of 25", "21–25 of 25"]


@pytest.mark.parametrize("order", ["oldest", "action", "-action", "model", "-model"])
def test_pages_in_every_order(browser: Client, order: str) -> None:
    page = soup(read(browser, model="people.tag", size="10", order=order))
    seen = entries(page)
    while page.select_one("#audit-next[href]"):
        page = follow(browser, page, "#audit-next")
        seen += entries(page)
    assert len(seen) == len(set(seen)) == 25
    assert page.select_one(".audit-range").get_text(strip=True) == "21–25 of 25"  # type: ignore[union-attr]


def test_the_filter_form_and_the_chips(browser: Client) -> None:
    page = submit(browser, soup(read(browser)), "#audit-filters", model="people.tag", search="Tag 07")
    assert len(entries(page)) == 1
    assert [chip.get_text(" ", strip=True) for chip in page.select(".audit-chip > span")] == [
        "Model: Tag",
        "Search: Tag 07",
    ]
    page = follow(browser, page, ".audit-chip:last-child a")
    assert len(entries(page)) == 25
    page = follow(browser, page, ".audit-clear")
    assert not page.select(".audit-chips")


def test_rows_per_page_keep_the_filter(browser: Client) -> None:
    page = soup(read(browser, model="people.tag"))
    page = submit(browser, page, ".audit-pager form", size="20")
    assert len(entries(page)) == 20
    assert "Model" in page.select_one(".audit-chip").get_text()  # type: ignore[union-attr]


def test_an_entry_opens_beside_the_list_and_closes(browser: Client) -> None:
    page = soup(read(browser, model="people.tag", size="10"))
    page = follow(browser, page, "a.audit-open")
    panel = page.select_one("dialog.audit-panel[open]")
    assert panel is not None
    assert panel["data-entry"] == entries(page)[0]
    assert page.select_one("a.audit-open[aria-current=true]")["data-entry"] == entries(page)[0]  # type: ignore[index]
    below = panel.select_one("[data-step=next][href]")
    assert below is not None
    assert entries(page)[1] in str(below["href"])
    closed = follow(browser, page, "dialog a.audit-close")
    assert not closed.select("dialog")
    assert entries(closed) == entries(page)


def test_the_panel_leads_on(browser: Client) -> None:
    page = follow(browser, soup(read(browser, model="people.tag", search="Tag 03")), "a.audit-open")
    links = {link.get_text(" ", strip=True): str(link["href"]) for link in page.select(".audit-links a")}
    alone = soup(read(browser, links["History of this record"]))
    assert len(entries(alone)) == 1
    opened = soup(read(browser, str(page.select_one("dialog a[title*=page]")["href"])))  # type: ignore[index]
    assert opened.select_one("article h2").get_text(" ", strip=True) == "Tag Tag 03"  # type: ignore[union-attr]


def test_a_bar_of_the_activity_narrows_the_list(browser: Client) -> None:
    page = soup(read(browser, model="people.tag"))
    bars = [bar for bar in page.select(".audit-activity a") if " 0 " not in str(bar["aria-label"])]
    number = re.search(r"([\d,]+) entr", str(bars[0]["aria-label"]))
    assert number
    assert len(entries(soup(read(browser, unescape(str(bars[0]["href"])))))) == int(number[1])


def test_the_clock_is_chosen_by_a_form(browser: Client) -> None:
    page = soup(read(browser))
    form = page.select_one(".audit-tools form")
    assert form is not None
    response = browser.post(str(form["action"]), {"zone": "utc", "next": f"{LIST}?model=people.tag"})
    assert response["Location"] == f"{LIST}?model=people.tag"
    assert 'data-zone="UTC"' in read(browser)


def test_the_list_is_as_it_was_left_until_cleared(browser: Client) -> None:
    read(browser, model="people.tag", size="20")
    response = browser.get(LIST)
    assert response["Location"] == f"{LIST}?model=people.tag&size=20"
    read(browser, all="1")
    assert browser.get(LIST).status_code == 200
