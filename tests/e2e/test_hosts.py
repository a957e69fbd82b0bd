"""The log behind the product's own pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Person

Meet = Callable[..., Person]
ORGANISATIONS = "/admin/people/organisation/"


@pytest.mark.parametrize("username", ["admin", "auditor"])
def test_the_history_button_leads_to_the_log(person: Meet, scene: dict[str, str], username: str) -> None:
    who = person(username)
    page = who.go(f"{ORGANISATIONS}{scene['organisation']}/change/")
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.locator("h1").last).to_have_text("History of Organisation Lumen Works")
    expect(page.locator(".breadcrumbs")).to_contain_text("Lumen Works")
    expect(who.rows.last).to_contain_text("Created")
    panel = who.open(0)
    expect(panel.locator("h2")).to_have_text("Organisation Lumen Works")
    page.keyboard.press("Escape")
    who.rows.last.get_by_role("link", name="As of then").click()
    expect(page.locator("h1").last).to_have_text(re.compile("Organisation Lumen Works as of"))
    expect(page.locator(".audit-state tbody tr", has_text="plan")).to_contain_text("Trial")


def test_who_may_not_see_the_log_gets_the_admins_own_history(person: Meet, scene: dict[str, str]) -> None:
    who = person("editor")
    page = who.go(f"{ORGANISATIONS}{scene['organisation']}/change/")
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.locator("h1").last).to_contain_text("Change history")
    expect(page.locator(".audit")).to_have_count(0)
    who.go("/admin/people/tag/")
    expect(page.get_by_role("link", name="Deleted records")).to_have_count(0)


@pytest.mark.parametrize("path", ["people/tag", "people/person"])
def test_deleted_records_have_a_button_beside_those_of_others(person: Meet, path: str) -> None:
    who = person("auditor")
    page = who.go(f"/admin/{path}/")
    if path == "people/person":
        expect(page.get_by_role("link", name="Export", exact=True)).to_be_visible()
    page.get_by_role("link", name="Deleted records").click()
    expect(page.locator("#audit-f-model")).to_have_value(path.replace("/", "."))
    # Undoing a creation deletes a record, too.
    expect(who.rows.filter(has_text="Deleted").first).to_be_visible()


def test_the_history_of_a_deleted_record_stays_where_it_was(person: Meet, scene: dict[str, str]) -> None:
    who = person("auditor")
    page = who.go(f"/admin/people/tag/{scene['gone']}/history/")
    expect(page.locator("h1").last).to_have_text("History of Tag Gone for good")
    expect(who.rows.first).to_contain_text("Deleted")
    expect(who.rows).to_have_count(2)
