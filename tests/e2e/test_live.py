"""The demo's page on the GraphQL API, with urql: it lists, follows live and restores."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsing import Person

Meet = Callable[..., Person]
TAGS = "/admin/people/tag/"


def add_tag(who: Person, name: str) -> None:
    """Add a tag through the admin."""
    who.go(f"{TAGS}add/")
    who.page.fill("#id_name", name)
    who.page.click("[name=_save]")
    expect(who.page.locator(".success")).to_be_visible()


def test_it_lists_follows_and_restores(person: Meet) -> None:
    name = f"live-{uuid.uuid4().hex[:8]}"
    watching, writing = person("admin"), person("admin", viewport={"width": 1000, "height": 800})
    page = watching.go("/live/")
    entries = page.locator("#entries > li")
    expect(page.locator("#state")).to_have_attribute("data-state", "live")
    expect(entries).to_have_count(20)
    page.click("#older")
    expect(entries).to_have_count(40)

    add_tag(writing, name)
    created = entries.filter(has_text=name)
    expect(created).to_have_count(1)
    expect(entries.first).to_contain_text(name)
    expect(created.locator(".badge")).to_have_attribute("data-role", "create")

    created.locator(".undo").click()
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#steps")).to_contain_text(name)
    page.click("#confirm")
    # The restore is an entry as well, and arrives as any other does.
    expect(entries.filter(has_text=name)).to_have_count(2)
    expect(entries.first.locator(".badge")).to_have_attribute("data-role", "restore")
    writing.go(TAGS, q=name)
    expect(writing.page.locator("#result_list tbody tr")).to_have_count(0)


def test_a_change_that_nothing_is_left_of_is_not_undone(person: Meet) -> None:
    name = f"gone-{uuid.uuid4().hex[:8]}"
    watching, writing = person("admin"), person("admin", viewport={"width": 1000, "height": 800})
    page = watching.go("/live/")
    expect(page.locator("#state")).to_have_attribute("data-state", "live")
    add_tag(writing, name)
    created = page.locator("#entries > li").filter(has_text=name)
    created.locator(".undo").click()
    page.click("#preview [value=cancel]")
    expect(page.locator("#preview")).to_be_hidden()
    expect(created).to_have_count(1)


def test_it_goes_on_where_it_was_cut_off(person: Meet) -> None:
    name = f"away-{uuid.uuid4().hex[:8]}"
    watching, writing = person("admin", alone=True), person("admin")
    page = watching.go("/live/")
    state = page.locator("#state")
    expect(state).to_have_attribute("data-state", "live")
    # What is under way goes on when a browser is told to be offline, so the page is reloaded into it.
    page.route("**/graphql/", lambda route: route.abort())
    page.reload()
    expect(state).to_have_attribute("data-state", "away")
    add_tag(writing, name)
    page.unroute("**/graphql/")
    expect(state).to_have_attribute("data-state", "live", timeout=40_000)
    expect(page.locator("#entries > li").filter(has_text=name)).to_have_count(1)
    # The browser has complained of what it couldn't reach.
    watching.complaints.clear()


def test_who_is_not_signed_in_is_sent_to_do_so(person: Meet) -> None:
    stranger = person(anonymous=True)
    page = stranger.go("/live/")
    page.wait_for_url("**/admin/login/?next=/live/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", "studio-admin")
    page.click("[type=submit]")
    expect(page.locator("#state")).to_have_attribute("data-state", "live")


def test_who_may_not_view_the_log_is_told_so(person: Meet) -> None:
    page = person("editor").go("/live/")
    expect(page.locator("#state")).to_have_attribute("data-state", "ended")
    expect(page.locator("#state")).to_contain_text("You may not view the audit log.")
