"""The same pages in django-unfold's theme."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Person, sign_in
from tests.e2e.conftest import serve
from tests.e2e.test_screens import SHOTS

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("unfold") is None, reason="django-unfold isn't installed"
)


@pytest.fixture(scope="module")
def unfolded(browser: Browser, demo: str, scene: dict[str, str]) -> Iterator[str]:
    yield from serve("tests.e2e.settings_unfold")


@pytest.fixture
def who(browser: Browser, demo: str, unfolded: str) -> Iterator[Person]:
    # Signing in is Django's own business there; what follows is ours.
    sign_in(browser, demo, "admin").leave()
    who = sign_in(browser, unfolded, "admin")
    yield who
    who.leave()


def test_list_filter_and_panel(who: Person) -> None:
    page = who.go()
    expect(who.rows).to_have_count(50)
    page.fill("#audit-f-search", "Gone for good")
    expect(who.rows).to_have_count(2)
    panel = who.open(0)
    expect(panel.locator("h2")).to_contain_text("Gone for good")
    box = panel.bounding_box()
    assert box
    assert box["width"] == 450
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_nothing_sticks_out(who: Person) -> None:
    page = who.go()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("#audit-page").evaluate("element => getComputedStyle(element).display") != "none"


def test_the_record_and_the_entry_have_their_pages(who: Person, scene: dict[str, str]) -> None:
    page = who.go(f"record/people.tag/{scene['gone']}/", x="")
    expect(who.rows).to_have_count(2)
    who.open().get_by_role("link", name="Open on a page of its own").click()
    expect(page.locator("article h2")).to_contain_text("Gone for good")


def test_a_change_is_previewed_and_undone(who: Person) -> None:
    page = who.go(model="people.tag", search="Page 052", action="create")
    who.open().get_by_role("link", name="Undo this creation").click()
    expect(page.locator(".audit-touched")).to_contain_text("1 × Tag: deleted")
    button = page.get_by_role("button", name="Restore", exact=True)
    assert button.evaluate("element => getComputedStyle(element).backgroundColor") == "rgb(79, 70, 229)"
    button.click()
    expect(page.get_by_text("Restored successfully: 1 new entry in the log.")).to_be_visible()
    who.go(search="Page 052", action="restore")
    expect(who.rows).to_have_count(1)


def test_the_record_as_of_an_entry(who: Person, scene: dict[str, str]) -> None:
    page = who.go(f"record/people.organisation/{scene['organisation']}/as-of/", x="")
    expect(page.locator(".audit-state tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="SCREENSHOTS=1 draws them")
@pytest.mark.parametrize("name", ["unfold-list", "unfold-panel", "unfold-restore"])
def test_screens(who: Person, scene: dict[str, str], name: str) -> None:
    page = who.go(model="hiring.campaign")
    if name != "unfold-list":
        who.go(model="hiring.campaign", record=scene["conflict"], request="campaign-extend")
        who.open()
    if name == "unfold-restore":
        who.panel.locator("a.audit-button-restore").click()
        page.locator(".audit-restore").wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=SHOTS / f"{name}.png")
