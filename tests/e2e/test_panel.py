"""The panel of one entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Person

Meet = Callable[..., Person]
TABLET = {"width": 900, "height": 800}


def test_a_click_on_a_row_opens_a_panel_beside_the_list(person: Meet) -> None:
    who = person()
    page = who.go()
    who.rows.nth(2).locator(".audit-col-action").click()
    expect(who.panel).to_be_visible()
    expect(who.panel.locator("h2")).to_be_focused()
    box, lists = who.panel.bounding_box(), page.locator(".audit-list").bounding_box()
    assert box and lists
    assert box["width"] == 450
    assert box["x"] >= lists["x"] + lists["width"]
    assert "entry=" in page.url
    expect(who.rows.nth(2).locator("a.audit-open")).to_have_attribute("aria-current", "true")


def test_the_panel_stays_in_sight_and_scrolls_by_itself(person: Meet) -> None:
    who = person()
    page = who.go()
    expect(who.open().locator("h2")).to_be_focused()
    page.evaluate("window.scrollTo(0, 900)")
    box = who.panel.bounding_box()
    assert box
    assert box["y"] == pytest.approx(16, abs=1)
    assert box["height"] <= 900 - 32
    assert (
        page.locator(".audit-panel-body").evaluate("element => getComputedStyle(element).overflowY") == "auto"
    )


def test_the_panel_has_an_address_of_its_own(person: Meet) -> None:
    who, other = person(), person("admin")
    page = who.go(model="people.tag")
    panel = who.open(1)
    title = panel.locator("h2").inner_text()
    other.page.goto(page.url)
    expect(other.panel.locator("h2")).to_have_text(title)
    expect(other.rows.nth(1).locator("a.audit-open")).to_have_attribute("aria-current", "true")
    other.panel.get_by_role("link", name="Open on a page of its own").click()
    expect(other.page.locator("article h2")).to_have_text(title)


@pytest.mark.parametrize("way", ["x", "escape", "backdrop"])
@pytest.mark.parametrize("width", [1440, 900])
def test_closing_gives_the_focus_back_to_the_row(person: Meet, way: str, width: int) -> None:
    if way == "backdrop" and width > 1024:
        pytest.skip("Beside the list there is no backdrop.")
    who = person(viewport={"width": width, "height": 800})
    page = who.go()
    before = page.url
    link = who.rows.nth(1).locator("a.audit-open")
    link.focus()
    page.keyboard.press("Enter")
    expect(who.panel).to_be_visible()
    if way == "x":
        who.panel.get_by_role("link", name="Close").click()
    elif way == "escape":
        page.keyboard.press("Escape")
    else:
        page.mouse.click(20, 400)
    expect(who.panel).to_have_count(0)
    expect(link).to_be_focused()
    assert page.url == before


@pytest.mark.parametrize("width", [1024, 1100, 1280])
def test_list_and_panel_share_the_whole_width(person: Meet, width: int) -> None:
    who = person("admin", viewport={"width": width, "height": 800})
    page = who.go()
    panel = who.open(1).bounding_box()
    listed = page.locator(".audit-list").bounding_box()
    assert panel and listed
    assert panel["width"] == 450
    assert panel["x"] + panel["width"] > width - 60
    assert listed["width"] > 400


def test_below_1024_pixels_it_is_a_drawer_over_a_backdrop(person: Meet) -> None:
    who = person(viewport=TABLET)
    page = who.go()
    panel = who.open()
    page.wait_for_timeout(300)  # It slides in.
    assert panel.evaluate("element => element.matches(':modal')")
    box = panel.bounding_box()
    assert box == {"x": 450, "y": 0, "width": 450, "height": 800}
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )


def test_up_and_down_move_to_the_next_entry(person: Meet) -> None:
    who = person()
    page = who.go()
    ids = [str(link.get_attribute("data-entry")) for link in page.locator("a.audit-open").all()]
    who.open(0)
    for number in (1, 2):
        page.keyboard.press("ArrowDown")
        expect(who.panel).to_have_attribute("data-entry", ids[number])
        expect(who.panel.locator("h2")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(who.panel).to_have_attribute("data-entry", ids[1])
    who.panel.get_by_role("link", name="The entry below").click()
    expect(who.panel).to_have_attribute("data-entry", ids[2])
    expect(page.locator("a.audit-open[aria-current=true]")).to_have_attribute("data-entry", ids[2])


def test_back_and_forward_lead_through_what_was_open(person: Meet) -> None:
    who = person()
    page = who.go()
    who.open(0)
    first = who.panel.get_attribute("data-entry")
    who.open(1)
    page.evaluate("setTimeout(() => history.back())")
    expect(who.panel).to_have_attribute("data-entry", str(first))
    page.evaluate("setTimeout(() => history.back())")
    # While a page is on its way there is no panel either.
    expect(page).not_to_have_url(re.compile("entry="))
    who.settled()
    expect(who.panel).to_have_count(0)
    page.evaluate("setTimeout(() => history.forward())")
    expect(who.panel).to_have_attribute("data-entry", str(first))


def test_the_panel_says_where_it_came_from(person: Meet, scene: dict[str, str]) -> None:
    who = person()
    who.go(model="people.organisation", record=scene["organisation"], action="create")
    facts = who.open().locator(".audit-facts")
    for text in ["Organisation", scene["organisation"], "Lumen Works", "scene-request", "web"]:
        expect(facts).to_contain_text(text)


def test_raw_json_is_copied(person: Meet) -> None:
    who = person()
    who.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = who.go()
    panel = who.open()
    panel.locator("summary", has_text="Raw JSON").click()
    panel.get_by_role("button", name="Copy").click()
    expect(panel.locator(".audit-copy")).to_contain_text("Copied")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied["id"] == panel.get_attribute("data-entry")


def test_everything_in_the_same_request(person: Meet, scene: dict[str, str]) -> None:
    who = person()
    page = who.go(model="people.person", record=scene["person"], action="create")
    who.open().get_by_role("link", name="Everything in this request").click()
    expect(page.locator(".audit-chip")).to_contain_text("scene-request")
    expect(who.rows.filter(has_text="Lumen Works").first).to_be_visible()


def test_history_of_the_record(person: Meet, scene: dict[str, str]) -> None:
    who = person()
    page = who.go(model="people.tag", record=scene["gone"], action="delete")
    who.open().get_by_role("link", name="History of this record").click()
    expect(page.locator("h1").last).to_have_text(re.compile("History of Tag Gone for good"))
    expect(who.rows).to_have_count(2)
    expect(who.rows.first).to_contain_text("Deleted")


def test_an_entry_that_is_not_there_is_said_to_be_missing(person: Meet) -> None:
    who = person()
    page = who.go(entry="01a200be-0000-7000-8000-000000000000")
    expect(page.locator(".audit-message", has_text="There is no such entry")).to_be_visible()
    page.goto(who.address + "/admin/audit_plugin/entry/nonsense/change/")
    expect(page.locator("body")).to_contain_text("Not Found", ignore_case=True)
    who.complaints.clear()


def test_of_a_great_difference_it_says_that_there_is_more(person: Meet, scene: dict[str, str]) -> None:
    who = person()
    who.go(model="people.organisation", record=scene["vast"], action="update")
    panel = who.open(0)
    expect(panel.locator(".audit-paths li")).to_have_count(200)
    expect(
        panel.get_by_text("These are the first 200 places. All of it stands in the raw JSON.")
    ).to_be_visible()
    expect(panel.locator("pre")).to_contain_text('"window 299"')


def test_the_admins_own_history_of_an_entry_is_its_page(person: Meet, scene: dict[str, str]) -> None:
    who = person()
    page = who.go(model="people.tag", record=scene["gone"], action="delete")
    entry = who.open().get_attribute("data-entry")
    page.goto(f"{who.address}/admin/audit_plugin/entry/{entry}/history/")
    expect(page.locator("article h2")).to_contain_text("Gone for good")
