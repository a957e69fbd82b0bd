"""The list as people use it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import LIST, Person

Meet = Callable[..., Person]


@pytest.mark.parametrize("username", ["admin", "auditor"])
def test_who_may_see_the_log_finds_it_in_the_menu(person: Meet, username: str) -> None:
    who = person(username)
    who.go()
    who.go("/admin/")
    who.page.locator(f"#content a[href='{LIST}']").first.click()
    expect(who.page.locator("h1", has_text="Audit log")).to_be_visible()
    expect(who.rows).to_have_count(50)


def test_an_editor_neither_finds_nor_reaches_it(person: Meet) -> None:
    who = person("editor")
    who.go("/admin/")
    expect(who.page.locator(f"a[href='{LIST}']")).to_have_count(0)
    answer = who.page.goto(LIST)
    assert answer is not None and answer.status == 403
    who.complaints.clear()  # The browser reports the 403 too.


def test_a_row_says_when_who_what_and_to_what(person: Meet, scene: dict[str, str]) -> None:
    who = person()
    who.go(model="people.person", record=scene["person"], action="update")
    row = who.rows.filter(has_text="phone")
    expect(row.locator("time")).to_have_attribute("datetime", re.compile(r"^\d{4}-\d\d-\d\dT[\d:]{8}Z$"))
    expect(row.locator("time")).to_have_text(re.compile(r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d$"))
    expect(row.locator(".audit-age")).to_have_text(re.compile("just now|ago"))
    expect(row.locator(".audit-col-actor")).to_contain_text("Edith Moreau")
    expect(row.locator(".audit-col-actor")).to_contain_text("editor@northlight.example")
    expect(row.locator(".audit-badge-update")).to_contain_text("Updated")
    expect(row.locator(".audit-badge-update .audit-glyph")).to_have_text(re.compile(r"\S"))
    expect(row.locator(".audit-col-subject")).to_contain_text("Person")
    expect(row.locator(".audit-col-subject")).to_contain_text(scene["person"])
    expect(row.locator(".audit-change").first).to_contain_text("→")


def test_markup_in_names_is_text(person: Meet, scene: dict[str, str]) -> None:
    who = person()
    who.go(model="people.person", record=scene["person"])
    expect(who.rows.filter(has_text="<script>document.title").first).to_be_visible()
    assert "broken" not in who.page.title()


def test_actors_that_are_no_persons_say_what_they_are(person: Meet) -> None:
    who = person()
    who.go(action="audit.pruned")
    expect(who.rows.first.locator(".audit-col-actor")).to_contain_text("System")
    who.go(search="nightly billing")
    expect(who.rows.first.locator(".audit-col-actor")).to_contain_text("Service")
    who.go(search="Page 009", action="update")
    expect(who.rows.first.locator(".audit-col-actor")).to_contain_text("Database role")


def test_typing_narrows_the_list_and_the_address_without_a_button(person: Meet) -> None:
    who = person()
    page = who.go()
    expect(page.locator(".audit-apply").first).to_be_hidden()
    page.fill("#audit-f-search", "Gone for good")
    expect(who.rows).to_have_count(2)
    expect(page.locator(".audit-count")).to_have_text("2 entries")
    assert "search=Gone" in page.url
    expect(page.locator("#audit-f-search")).to_be_focused()
    page.reload()
    expect(who.rows).to_have_count(2)
    expect(page.locator("#audit-f-search")).to_have_value("Gone for good")


def test_filters_narrow_each_other_and_chips_take_them_away(person: Meet) -> None:
    who = person()
    page = who.go()
    expect(page.locator(".audit-chips")).to_have_count(0)
    page.select_option("#audit-f-model", "people.tag")
    expect(page.locator(".audit-chip")).to_have_count(1)
    page.select_option("#audit-f-action", "delete")
    expect(page.locator(".audit-chip")).to_have_count(2)
    expect(who.rows).to_have_count(1)
    page.get_by_role("link", name="Remove the filter Action").click()
    expect(page.locator(".audit-chip")).to_have_count(1)
    expect(page.locator("#audit-f-action")).to_have_value("")
    expect(page.locator("#audit-f-model")).to_have_value("people.tag")
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".audit-chips")).to_have_count(0)
    expect(page.locator("#audit-f-model")).to_have_value("")


def test_the_actor_is_found_by_typing(person: Meet) -> None:
    who = person()
    page = who.go()
    page.locator("#audit-f-actor + .select2-container .select2-selection").click()
    page.locator(".select2-search__field").fill("edit")
    page.locator(".select2-results__option", has_text="Edith Moreau").click()
    expect(page.locator(".audit-chip")).to_contain_text("Edith Moreau")
    expect(who.rows.first.locator(".audit-col-actor")).to_contain_text("Edith Moreau")


def test_an_action_is_found_by_typing(person: Meet) -> None:
    who = person()
    page = who.go()
    page.locator("#audit-f-action + .select2-container .select2-selection").click()
    page.locator(".select2-search__field").fill("delet")
    expect(page.locator(".select2-results__option")).to_have_text(["Deleted"])
    page.keyboard.press("Enter")
    expect(page.locator(".audit-chip")).to_contain_text("Deleted")
    expect(page.locator("#audit-f-action + .select2-container .select2-selection")).to_be_focused()


def test_dates_and_periods(person: Meet) -> None:
    who = person()
    page = who.go()
    page.get_by_label("Last 24 hours").check()
    expect(page.locator(".audit-chip")).to_contain_text("Last 24 hours")
    expect(who.rows.first).to_be_visible()
    page.get_by_label("Any time").check()
    expect(page.locator(".audit-chip")).to_have_count(0)
    page.fill("#audit-f-until", "2001-01-01")
    expect(page.locator(".audit-empty")).to_contain_text("No entries match")
    page.fill("#audit-f-since", "2002-01-01")
    expect(page.locator(".audit-message", has_text="The end is before the start")).to_be_visible()


def test_a_tab_keeps_the_page_size_and_begins_at_the_first_page(person: Meet) -> None:
    who = person()
    page = who.go(size="10")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".audit-range")).to_contain_text("11–20")
    page.locator(".audit-tabs").get_by_role("link", name="Data", exact=True).click()
    expect(page.locator(".audit-tabs a[aria-current]")).to_have_text("Data")
    expect(page.locator(".audit-range")).to_contain_text("1–10 of")
    expect(page.locator("#audit-size")).to_have_value("10")


@pytest.mark.parametrize("column", ["when", "action", "subject"])
def test_headings_sort_both_ways(person: Meet, column: str) -> None:
    who = person()
    page = who.go()
    heading = page.locator(f"th.audit-col-{column}")
    first = heading.get_attribute("aria-sort")
    heading.locator("a").click()
    expect(heading).not_to_have_attribute("aria-sort", str(first))
    second = heading.get_attribute("aria-sort")
    heading.locator("a").click()
    expect(heading).not_to_have_attribute("aria-sort", str(second))
    assert {heading.get_attribute("aria-sort"), second} == {"ascending", "descending"}


def test_pages_neither_skip_nor_repeat_while_entries_arrive(person: Meet) -> None:
    who, other = person(), person("admin")
    page = who.go(model="people.tag", action="create", size="50")
    seen = [link.get_attribute("data-entry") for link in page.locator("a.audit-open").all()]
    add_tag(other, "Arrived meanwhile")
    while page.locator("#audit-next[href]").count():
        before = page.url
        page.locator("#audit-next").click()
        page.wait_for_function("before => location.href !== before", arg=before)
        who.settled()
        seen += [link.get_attribute("data-entry") for link in page.locator("a.audit-open").all()]
    assert len(seen) == len(set(seen)) >= 121
    total = page.locator(".audit-count").inner_text()
    assert total == f"{len(seen) + 1} entries"


def test_rows_per_page(person: Meet) -> None:
    who = person()
    page = who.go()
    expect(page.locator("#audit-size option")).to_have_text(["10", "20", "50", "100"])
    page.select_option("#audit-size", "20")
    expect(who.rows).to_have_count(20)
    expect(page.locator(".audit-range")).to_have_text(re.compile(r"^1–20 of [\d,]+$"))


def test_a_bar_of_the_activity_narrows_to_its_time(person: Meet) -> None:
    who = person()
    page = who.go(model="people.tag")
    whole = page.locator(".audit-count").inner_text()
    bar = page.locator(".audit-activity a").filter(has=page.locator("rect.audit-bar:not([height='0'])")).first
    number = re.search(r"([\d,]+) entr", str(bar.get_attribute("aria-label")))
    assert number
    page.evaluate("window.stayed = true")
    bar.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".audit-chip", has_text="From")).to_be_visible()
    expect(page.locator(".audit-count")).to_contain_text(number[1])
    expect(page.locator(".audit-chip a").first).to_be_focused()
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.locator(".audit-count")).to_have_text(whole)


def test_new_entries_are_announced_and_nothing_moves(person: Meet) -> None:
    who, other = person(), person("admin")
    page = who.go()
    first = page.locator("a.audit-open").first.get_attribute("data-entry")
    place = who.rows.first.bounding_box()
    add_tag(other, "Quite new")
    notice = page.locator("#audit-news a")
    expect(notice).to_contain_text("1 new entry", timeout=15_000)
    assert page.locator("a.audit-open").first.get_attribute("data-entry") == first
    assert who.rows.first.bounding_box() == place
    notice.click()
    expect(who.rows.first).to_contain_text("Quite new")
    expect(page.locator("#audit-news a")).to_have_count(0)


def test_filters_are_there_again_after_a_visit_elsewhere_until_cleared(person: Meet) -> None:
    who = person("admin")
    page = who.go(model="people.tag")
    who.go("/admin/")
    page.locator(f"#content a[href='{LIST}']").first.click()
    expect(page.locator(".audit-chip")).to_contain_text("Tag")
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".audit-chips")).to_have_count(0)
    who.go("/admin/")
    page.locator(f"#content a[href='{LIST}']").first.click()
    expect(page.locator(".audit-chips")).to_have_count(0)


def test_times_in_utc_or_in_the_zone_of_who_reads(person: Meet) -> None:
    who = person("admin", timezone_id="Asia/Tokyo")
    page = who.go()
    when = page.locator("time").first
    utc = str(when.get_attribute("datetime"))
    expect(page.locator("#audit-page")).to_have_attribute("data-zone", "Asia/Tokyo")
    assert f"{(int(utc[11:13]) + 9) % 24:02}:{utc[14:19]}" in when.inner_text()
    page.locator(".audit-menu summary", has_text="View").click()
    page.get_by_role("button", name="UTC").click()
    expect(page.locator("#audit-page")).to_have_attribute("data-zone", "UTC")
    assert utc[11:19] in page.locator("time").first.inner_text()
    page.locator(".audit-menu summary", has_text="View").click()
    page.get_by_role("button", name="My time zone").click()
    expect(page.locator("#audit-page")).to_have_attribute("data-zone", "Asia/Tokyo")


def add_tag(who: Person, name: str) -> None:
    who.go("/admin/people/tag/add/")
    who.page.fill("#id_name", name)
    who.page.click("[name=_save]")
    expect(who.page.locator(".messagelist .success")).to_be_visible()
