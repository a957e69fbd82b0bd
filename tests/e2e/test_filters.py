"""Filters that need a second look: the product's own, dates beside periods, people found by e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Person

Meet = Callable[..., Person]


def choose(page: Page, field: str, typed: str) -> None:
    """Choose the first of what a type-ahead field offers."""
    page.locator(f"#audit-f-{field} + .select2 .select2-selection").click()
    page.locator(".select2-search__field").fill(typed)
    page.locator(".select2-results__option--highlighted", has_text=re.compile(typed, re.IGNORECASE)).click()


@pytest.mark.parametrize("username", ["admin", "auditor"])
def test_an_interviewer_or_a_candidate_on_the_tab_of_interviews(person: Meet, username: str) -> None:
    who = person(username)
    page = who.go()
    expect(page.locator("#audit-f-interviewer")).to_have_count(0)
    page.locator(".audit-tabs").get_by_role("link", name="Interviews").click()
    expect(page.locator("#audit-f-interviewer + .select2")).to_be_visible()
    who.settled()
    page.select_option("#audit-f-interviewer", label="Hana Sato")
    chips = page.locator(".audit-chip")
    expect(chips).to_have_text([re.compile("Interviewer:.*Hana Sato")])
    expect(who.rows.first).to_be_visible()
    # Whom it was about is said by an entry; the filter finds that person's, and lets go of the interviewer.
    about = who.open().locator(".audit-facts dd a", has_text="Candidate").first.inner_text()
    name = about.removeprefix("Candidate ")
    choose(page, "candidate", name)
    expect(chips).to_have_text([re.compile(f"Candidate:.*{re.escape(name)}")])
    expect(page.locator("#audit-f-interviewer")).to_have_value("")
    assert "interviewer" not in page.url
    expect(who.rows.filter(has_text=name).first).to_be_visible()
    expect(who.rows.filter(has_text="Created").first).to_be_visible()
    page.locator(".audit-tabs").get_by_role("link", name="Team").click()
    expect(page.locator("#audit-f-candidate")).to_have_count(0)
    expect(chips).to_have_count(0)


def test_a_period_and_dates_of_ones_own_take_turns(person: Meet) -> None:
    page = person().go()
    chips = page.locator(".audit-chip")
    page.fill("#audit-f-since", "2001-01-01")
    expect(chips).to_have_text([re.compile("From:.*01/01/2001")])
    page.get_by_label("Last 7 days").check()
    expect(chips).to_have_text([re.compile("Period:.*Last 7 days")])
    expect(page.locator("#audit-f-since")).to_have_value("")
    page.fill("#audit-f-until", "2199-12-31")
    expect(chips).to_have_text([re.compile("To:.*31/12/2199")])
    expect(page.get_by_label("Any time")).to_be_checked()


def test_people_are_found_by_their_address_as_well(person: Meet) -> None:
    page = person().go()
    choose(page, "actor", "editor@north")
    expect(page.locator(".audit-chip")).to_contain_text("Edith Moreau")


def test_on_a_phone_the_tab_one_is_on_is_in_sight(person: Meet) -> None:
    page = person(viewport={"width": 390, "height": 844}).go(channel="team")
    tab, row = (page.locator(f".audit-tabs{part}").bounding_box() for part in (" a[aria-current]", ""))
    assert tab and row
    assert row["x"] <= tab["x"] and tab["x"] + tab["width"] <= row["x"] + row["width"] + 1


@pytest.mark.parametrize(("width", "column"), [(1440, False), (1920, True)])
def test_the_channel_is_said_whatever_room_there_is(person: Meet, width: int, column: bool) -> None:
    who = person(viewport={"width": width, "height": 900})
    who.go(action="auth.login_failed")
    cell = ".audit-col-channel" if column else ".audit-col-action .audit-channel"
    expect(who.rows.first.locator(cell)).to_have_text("Sign-in")
    expect(who.rows.first.locator(cell)).to_be_visible()
    # On the tab of a channel each row would say the same.
    who.go(channel="auth")
    expect(who.page.locator(".audit-col-action .audit-channel")).to_have_count(0)
