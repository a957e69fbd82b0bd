"""Restoring with the mouse: the five kinds, two of them with a conflict, and who is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import LIST, Person

Meet = Callable[..., Person]


def restored(page: Page, entries: int) -> None:
    """Make sure that the page says so, and that the link in the message leads to what was restored."""
    said = page.locator(".messagelist .success")
    words = "1 new entry" if entries == 1 else f"{entries} new entries"
    expect(said).to_contain_text(f"Restored successfully: {words} in the log.")
    said.get_by_role("link").click()
    expect(page.locator(".audit-badge-restore").first).to_be_visible()


def begin(who: Person, button: str, **query: str) -> Page:
    """Open an entry and press the button in its panel."""
    page = who.go(**query)
    who.open()
    who.panel.get_by_role("link", name=button).click()
    expect(page.locator(".audit-restore")).to_be_visible()
    return page


def test_a_change_with_a_conflict(person: Meet, scene: dict[str, str]) -> None:
    who = person("admin")
    key = scene["changed"]
    page = begin(
        who, "Restore previous version", model="hiring.campaign", record=key, request="campaign-close"
    )
    expect(page.locator("h1")).to_have_text("Undo this change?")
    expect(page.locator(".audit-conflicts h2")).to_have_text("1 conflict to decide")
    expect(page.locator(".audit-conflicts legend")).to_contain_text("budget was changed by Ada Okonkwo")
    expect(page.get_by_role("button", name="Restore", exact=True)).to_have_count(0)
    status = page.locator(".audit-step li").filter(has_text="status")
    expect(status).to_contain_text("Closed")
    expect(status).to_contain_text("Draft")
    page.get_by_label("Overwrite it").check()
    page.get_by_role("button", name="Preview with these choices").first.click()
    expect(page.locator(".audit-conflicts h2")).to_have_text("Conflicts, decided")
    page.get_by_label("Reason (optional)").fill("Closed by mistake")
    page.get_by_role("button", name="Restore", exact=True).click()
    restored(page, 1)
    expect(page.locator("article")).to_contain_text("Closed by mistake")
    expect(page.locator(".audit-facts")).to_contain_text("Restored from")
    page.locator(".audit-facts dd a").first.click()
    expect(page.locator(".audit-facts")).to_contain_text("Restored by")
    who.go(f"/admin/hiring/campaign/{key}/change/")
    expect(page.locator("#id_status")).to_have_value("draft")
    expect(page.locator("#id_budget")).to_have_value("12000.00")


def test_back_to_a_version(person: Meet, scene: dict[str, str]) -> None:
    who = person("admin")
    key = scene["versions"]
    page = who.go(f"record/hiring.campaign/{key}/", order="oldest")
    who.rows.first.get_by_role("link", name="As of then").click()
    title = page.locator(".audit-state tbody tr").filter(
        has=page.locator("th", has_text=re.compile(r"^title"))
    )
    expect(title.locator("td")).to_have_text(['"Summer portraits"', '"Summer people"'])
    page.get_by_role("link", name="Later").click()
    expect(title.locator("td").first).to_have_text('"Summer faces"')
    page.get_by_role("link", name="Restore this version").click()
    expect(page.locator(".audit-ways [aria-current]")).to_have_text("The whole record, as after it")
    page.get_by_role("button", name="Restore", exact=True).click()
    restored(page, 1)
    who.go(f"/admin/hiring/campaign/{key}/change/")
    expect(page.locator("#id_title")).to_have_value("Summer faces")


def test_a_deleted_record_with_a_conflict(person: Meet, scene: dict[str, str]) -> None:
    who = person("admin")
    page = who.go("deleted/", model="hiring.candidate")
    row = who.rows.filter(has_text="Noor Haddad")
    row.get_by_role("link", name="Bring back").click()
    expect(page.locator("h1")).to_have_text("Bring this record back?")
    expect(page.locator(".audit-conflicts legend")).to_contain_text("Autumn portraits")
    page.get_by_label("Bring that record back too").check()
    page.get_by_role("button", name="Preview with these choices").first.click()
    expect(page.locator(".audit-touched")).to_contain_text("Campaign: brought back")
    page.get_by_role("button", name="Restore", exact=True).click()
    restored(page, 2)
    who.go(f"/admin/hiring/candidate/{scene['orphan']}/change/")
    expect(page.locator("#id_name")).to_have_value("Noor Haddad")


def test_a_request(person: Meet, scene: dict[str, str]) -> None:
    who = person("admin")
    page = who.go(request="tag-colours")
    who.open()
    who.panel.get_by_role("link", name="Undo this request").click()
    expect(page.locator(".audit-touched")).to_contain_text("12 × Tag: changed")
    page.get_by_role("button", name="Restore", exact=True).click()
    restored(page, 12)
    expect(page.locator(".audit-count")).to_have_text("12 entries")


def test_a_creation(person: Meet, scene: dict[str, str]) -> None:
    who = person("admin")
    page = begin(who, "Undo this creation", model="hiring.campaign", record=scene["created"], action="create")
    expect(page.locator(".audit-step .audit-badge-delete")).to_contain_text("Is deleted")
    page.get_by_label("Delete those records too").check()
    page.get_by_role("button", name="Preview with these choices").first.click()
    expect(page.locator(".audit-touched")).to_contain_text("2 × Candidate: deleted along with it")
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("Restored successfully")
    who.go("deleted/", model="hiring.campaign")
    expect(who.rows.filter(has_text="Winter portraits")).to_have_count(1)


def test_rows_that_are_ticked(person: Meet) -> None:
    who = person("admin")
    page = who.go(search="Ticked", action="create")
    button = page.get_by_role("button", name="Restore selected")
    expect(button).to_be_disabled()
    page.get_by_label("Select all on this page").check()
    expect(button).to_have_text(re.compile(r"Restore selected… \(3\)"))
    who.rows.filter(has_text="Ticked two").get_by_role("checkbox").uncheck()
    assert who.panel.count() == 0
    button.click()
    expect(page.locator(".audit-restore-subject")).to_have_text("2 selected entries")
    page.get_by_role("button", name="Restore", exact=True).click()
    restored(page, 2)
    who.go("/admin/people/tag/", q="Ticked")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_cancelling_leads_back_and_changes_nothing(person: Meet, scene: dict[str, str]) -> None:
    who = person("admin")
    page = begin(who, "Undo this creation", model="people.tag", search="Page 050", action="create")
    page.get_by_role("link", name="Cancel").click()
    expect(who.rows).to_have_count(1)
    assert "search=Page" in page.url


def test_a_stale_preview_is_refused(person: Meet) -> None:
    who, other = person("admin"), person("admin")
    page = begin(who, "Undo this creation", model="people.tag", search="Page 051", action="create")
    other.go("/admin/people/tag/", q="Page 051")
    other.page.get_by_role("link", name="Page 051").click()
    other.page.fill("#id_colour", "#123456")
    other.page.click("[name=_save]")
    expect(other.page.locator(".messagelist .success")).to_be_visible()
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.locator(".audit-message")).to_contain_text(
        "The data changed while you looked at the preview."
    )
    expect(page.locator(".audit-conflicts legend")).to_contain_text("was changed since its creation")
    who.complaints.clear()  # The browser reports the 409 too.


@pytest.mark.parametrize("username", ["auditor", "editor"])
def test_the_auditor_and_the_editor_are_refused(person: Meet, scene: dict[str, str], username: str) -> None:
    who = person(username)
    entry = ""
    if username == "auditor":
        page = who.go(model="hiring.campaign", record=scene["changed"])
        entry = str(who.rows.first.locator("a.audit-open").get_attribute("data-entry"))
        who.open()
        expect(who.panel.get_by_role("link", name=re.compile("Restore|Undo"))).to_have_count(0)
        expect(page.get_by_role("button", name="Restore selected")).to_have_count(0)
        expect(page.locator("input[name=entry]")).to_have_count(0)
    for path in (f"{LIST}{entry or 'x'}/restore/", f"{LIST}restore/?request=tag-import"):
        answer = who.page.goto(path)
        assert answer is not None and answer.status == 403
    who.complaints.clear()  # The browser reports the 403 too.
