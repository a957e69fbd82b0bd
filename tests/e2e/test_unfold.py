"""The same pages in django-unfold's theme."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Person, sign_in
from tests.e2e.conftest import serve

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
