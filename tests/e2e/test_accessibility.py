"""What axe finds, in each look of each page."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import DESKTOP, LIST, Person

Meet = Callable[..., Person]
LOOKS: dict[str, tuple[Any, Any]] = {
    "light": ("light", DESKTOP),
    "dark": ("dark", DESKTOP),
    "phone": ("light", {"width": 390, "height": 844}),
}
#: Parts of the admin's own frame, which aren't ours to mend.
FRAME = ["#header", "#nav-sidebar", "#toggle-nav-sidebar", ".breadcrumbs", "#user-tools"]


def serious(who: Person) -> list[str]:
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python isn't installed")
    if not who.page.evaluate("'axe' in window"):
        # Injected over the debugging protocol, which a content security policy doesn't bind.
        who.page.evaluate((files(package) / "axe.min.js").read_text("utf-8"))
    found = who.page.evaluate(
        "frame => axe.run({exclude: frame.map(selector => [selector])}, {resultTypes: ['violations']})", FRAME
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def in_each_look(who: Person) -> dict[str, list[str]]:
    """Return what is serious, by the look of the page that is open."""
    found = {}
    for name, (scheme, size) in LOOKS.items():
        who.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        who.page.set_viewport_size(size)
        found[name] = serious(who)
    return found


@pytest.mark.parametrize(
    "place",
    [
        "list",
        "typing",
        "filtered",
        "panel",
        "alone",
        "record",
        "deleted",
        "export",
        "empty",
        "restore",
        "version",
    ],
)
def test_axe_finds_nothing_serious(person: Meet, scene: dict[str, str], place: str) -> None:
    who = person("admin")
    match place:
        case "list":
            # Axe's time grows with the rows, which are all alike.
            who.go(size="10")
        case "typing":
            who.go(size="10").locator(".select2-selection").first.click()
            who.page.locator(".select2-search__field").fill("a")
            expect(who.page.locator(".audit-choosing .audit-detail").first).to_be_visible()
        case "filtered":
            who.go(
                model="people.organisation", record=scene["organisation"], since="2001-01-01", order="action"
            )
        case "panel":
            who.go(model="people.organisation", record=scene["organisation"], action="update")
            who.open(1)
            who.panel.locator("summary", has_text="Raw JSON").click()
            who.page.wait_for_timeout(400)
        case "alone":
            who.go(model="hiring.evaluation", record=scene["evaluation"], action="update")
            who.open().get_by_role("link", name="Open on a page of its own").click()
            expect(who.page.locator("article.audit-panel")).to_be_visible()
        case "record":
            who.go(f"record/people.tag/{scene['gone']}/", x="")
        case "deleted":
            who.go("deleted/", model="people.tag")
        case "export":
            who.go("export/", model="people.tag")
        case "restore":
            who.go(model="people.organisation", record=scene["organisation"], action="update")
            who.open().get_by_role("link", name="Restore previous version").click()
            expect(who.page.locator(".audit-restore")).to_be_visible()
        case "version":
            who.go(f"record/people.organisation/{scene['organisation']}/as-of/", x="")
        case "empty":
            who.go(action="nothing.such")
    assert in_each_look(who) == {look: [] for look in LOOKS}


def test_what_is_typed_to_find_somebody_has_a_name(person: Meet) -> None:
    page = person("auditor").go()
    field = page.get_by_role("combobox", name="Actor")
    field.press("Enter")
    expect(page.get_by_role("searchbox", name="Actor")).to_be_focused()
    expect(page.get_by_role("listbox", name="Actor")).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()


def test_the_focus_stays_where_one_was(person: Meet) -> None:
    page = person("auditor").go(model="people.tag", action="create")
    chips = page.locator(".audit-chip a")
    chips.first.focus()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(1)
    expect(chips.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(0)
    expect(page.locator(".audit-count")).to_be_focused()


def test_escape_closes_the_panel_from_anywhere_in_it(person: Meet) -> None:
    who = person("auditor")
    page = who.go()
    who.open().locator("summary", has_text="Raw JSON").click()
    who.panel.locator("pre").focus()
    page.keyboard.press("Escape")
    expect(who.panel).to_have_count(0)
    # Elsewhere it belongs to the field one is in.
    who.open()
    page.locator("#audit-f-search").focus()
    page.keyboard.press("Escape")
    expect(who.panel).to_be_visible()


def test_right_to_left(person: Meet) -> None:
    who = person("admin", alone=True)
    who.context.add_cookies([{"name": "django_language", "value": "ar", "url": who.address}])
    page = who.go()
    assert page.evaluate("document.documentElement.dir") == "rtl"
    panel = who.open()
    lists, beside = page.locator(".audit-list").bounding_box(), panel.bounding_box()
    assert lists and beside
    assert beside["x"] + beside["width"] <= lists["x"]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(who) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280])
def test_no_page_is_wider_than_the_window(person: Meet, width: int) -> None:
    who = person("admin", viewport={"width": width, "height": 800})
    page = who.go(model="people.organisation")
    assert page.evaluate(
        "document.querySelector('#audit-page').scrollWidth <= document.querySelector('#audit-page').clientWidth"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_everything_is_reached_with_the_keyboard_alone(person: Meet) -> None:
    who = person("auditor")
    page = who.go(model="people.tag", size="10")
    reached = set()
    page.locator("#audit-tab-1").focus()
    for _ in range(70):
        page.keyboard.press("Tab")
        named = "[e.id, e.className, e.getAttribute('aria-labelledby')].join(' ')"
        reached |= set(str(page.evaluate(f"(e => {named})(document.activeElement)")).split())
    wanted = {
        "audit-f-search",
        "audit-l-model",
        "audit-f-since",
        "audit-sort-when",
        "audit-open",
        "audit-next",
        "audit-size",
    }
    assert wanted <= reached
    # The chart is one stop, whatever the number of its bars.
    bars = page.locator(".audit-activity a")
    assert bars.count() > 1
    assert page.locator(".audit-activity a[tabindex='0']").count() == 1


def test_the_arrow_keys_go_from_bar_to_bar(person: Meet) -> None:
    who = person("auditor")
    page = who.go()
    page.locator(".audit-activity a[tabindex='0']").focus()
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != label
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == label


def test_a_menu_closes_with_escape_and_gives_the_focus_back(person: Meet) -> None:
    who = person("auditor")
    page = who.go()
    summary = page.locator(".audit-menu summary", has_text="Export")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Export to CSV")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Export to CSV")).to_be_hidden()
    expect(summary).to_be_focused()
    assert LIST in page.url
