"""The page in a browser without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsing import Person

Meet = Callable[..., Person]


def test_filter_open_close_and_turn_the_page(person: Meet) -> None:
    who = person("auditor", java_script_enabled=False)
    page = who.go()
    page.select_option("#audit-f-model", "people.tag")
    page.locator("#audit-filters .audit-apply").click()
    expect(page.locator(".audit-chip")).to_contain_text("Tag")
    page.locator("#audit-next").click()
    expect(page.locator(".audit-range")).to_contain_text("51–100 of")
    who.rows.nth(3).locator("a.audit-open").click()
    expect(who.panel).to_be_visible()
    who.panel.get_by_role("link", name="The entry below").click()
    expect(who.rows.nth(4).locator("a.audit-open")).to_have_attribute("aria-current", "true")
    who.panel.get_by_role("link", name="Close").click()
    expect(who.panel).to_have_count(0)
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".audit-chip")).to_have_count(0)


def test_on_a_phone_the_drawer_closes_by_its_backdrop(person: Meet) -> None:
    who = person("auditor", java_script_enabled=False, viewport={"width": 600, "height": 800})
    page = who.go()
    who.rows.first.locator("a.audit-open").click()
    expect(who.panel).to_be_visible()
    page.mouse.click(10, 400)
    expect(who.panel).to_have_count(0)
