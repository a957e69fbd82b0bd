"""What the pages look like: `SCREENSHOTS=1` draws docs/screenshots anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browsing import Person

pytestmark = pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="SCREENSHOTS=1 draws them")

Meet = Callable[..., Person]
SHOTS = Path(__file__).parent.parent.parent / "docs" / "screenshots"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}


def arrange(who: Person, name: str, keys: dict[str, str]) -> None:
    organisation = {"model": "people.organisation", "record": keys["organisation"]}
    match name:
        case "list" | "list-dark" | "list-phone":
            who.go(model="studio.submission")
        case "panel" | "panel-dark" | "panel-rtl" | "drawer-phone":
            who.go(**organisation)
            who.open(1)
        case "words":
            who.go(model="hiring.evaluation", record=keys["evaluation"])
            who.open(0)
        case "export":
            who.go(model="studio.submission", action="update")
            who.page.locator(".audit-menu summary", has_text="Export").click()
            who.page.get_by_role("link", name="Export to CSV").click()
            who.panel.wait_for()
        case "restore" | "restore-dark" | "restore-phone" | "restore-rtl":
            who.go(model="hiring.campaign", record=keys["conflict"], request="campaign-extend")
            who.open()
            who.panel.locator("a.audit-button-restore").click()
            who.page.locator(".audit-restore").wait_for()
        case "restore-request":
            who.go("restore/", request="scene-request")
        case "version":
            who.go(f"record/people.organisation/{keys['organisation']}/as-of/", x="")
        case "deleted":
            who.go("deleted/", model="people.person")
        case "record":
            who.go(f"record/people.organisation/{keys['organisation']}/", x="")
    who.page.wait_for_timeout(500)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("list", {}),
        ("list-dark", {"color_scheme": "dark"}),
        ("list-phone", PHONE),
        ("panel", {}),
        ("panel-dark", {"color_scheme": "dark"}),
        ("panel-rtl", {}),
        ("drawer-phone", PHONE),
        ("words", {}),
        ("export", {}),
        ("record", {}),
        ("restore", {}),
        ("restore-dark", {"color_scheme": "dark"}),
        ("restore-phone", PHONE),
        ("restore-rtl", {}),
        ("restore-request", {}),
        ("version", {}),
        ("deleted", {}),
    ],
)
def test_screens(person: Meet, scene: dict[str, str], name: str, options: dict[str, Any]) -> None:
    who = person("admin", alone=True, **options)
    if name.endswith("rtl"):
        who.context.add_cookies([{"name": "django_language", "value": "ar", "url": who.address}])
    arrange(who, name, scene)
    SHOTS.mkdir(parents=True, exist_ok=True)
    who.page.screenshot(path=SHOTS / f"{name}.png")
    assert (SHOTS / f"{name}.png").stat().st_size > 10_000
