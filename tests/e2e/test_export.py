"""Exports from the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browsing import Person

Meet = Callable[..., Person]


def test_an_export_is_confirmed_then_downloaded_then_in_the_log(person: Meet) -> None:
    who = person("auditor")
    page = who.go(model="people.tag", action="delete")
    page.locator(".audit-menu summary", has_text="Export").click()
    page.get_by_role("link", name="Export to CSV").click()
    expect(who.panel.locator("h2")).to_have_text("Export the audit log?")
    expect(who.panel.locator(".audit-export-count")).to_have_text("1 entry will be exported.")
    expect(who.panel.locator(".audit-export-filters li")).to_have_text(
        [re.compile("Action.*Deleted"), re.compile("Model.*Tag")]
    )
    with page.expect_download() as download:
        who.panel.get_by_role("button", name="Export").click()
    assert re.fullmatch(r"audit-logs-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbfDate & Time,User,Action,Table,Changes")
    assert b"Gone for good" in content
    who.go(action="audit.exported")
    expect(who.rows.first.locator(".audit-col-actor")).to_contain_text("Avi Lindqvist")


def test_json_by_the_panel_and_cancel_gives_the_focus_back(person: Meet) -> None:
    who = person("auditor")
    page = who.go(model="people.tag", action="delete")
    summary = page.locator(".audit-menu summary", has_text="Export")
    summary.click()
    page.get_by_role("link", name="Export to JSON", exact=True).click()
    with page.expect_download() as download:
        who.panel.get_by_role("button", name="Export").click()
    document = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert document["exported_at"]
    assert len(document["entries"]) == 1
    who.panel.get_by_role("link", name="Cancel").click()
    expect(who.panel).to_have_count(0)
    expect(summary).to_be_focused()


def test_the_export_holds_what_the_filter_says_that_was_just_typed(person: Meet) -> None:
    who = person("auditor")
    page = who.go()
    page.fill("#audit-f-search", "Gone for good")
    expect(who.rows).to_have_count(2)
    page.locator(".audit-menu summary", has_text="Export").click()
    page.get_by_role("link", name="Export to CSV").click()
    expect(who.panel.locator(".audit-export-count")).to_have_text("2 entries will be exported.")
    # Leaving the field doesn't load the list again, which would take the panel away.
    page.wait_for_timeout(600)
    expect(who.panel).to_be_visible()
