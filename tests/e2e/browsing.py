"""Somebody with a browser, and what they do with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_project.sample.accounts import SIGN_INS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds after which something counts as not coming.
PATIENCE = 20_000
LIST = "/admin/audit_plugin/entry/"
DESKTOP = {"width": 1440, "height": 900}
#: What a browser complains about that isn't ours.
HARMLESS = ("favicon.ico",)

#: By username: cookies know no ports, so a second server on the same database shares them.
_sessions: dict[str, list[Any]] = {}
#: Browsers that are open already, by who has signed in with which options: what they have loaded needn't be loaded again.
_contexts: dict[str, BrowserContext] = {}


@dataclass
class Person:
    """Somebody who has signed in."""

    context: BrowserContext
    page: Page
    address: str
    #: What the browser complained about: scripts that failed, a policy that was broken, pages that couldn't be had.
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str = "", **query: str) -> Page:
        """Open a page of the log, or another one by its whole path."""
        from urllib.parse import urlencode

        whole = path if path.startswith("/") else LIST + path
        if query or whole == LIST:
            whole += "?" + urlencode(query or {"all": "1"})
        self.page.goto(self.address + whole)
        return self.page

    @property
    def rows(self) -> Locator:
        return self.page.locator(".audit-table tbody tr")

    @property
    def panel(self) -> Locator:
        return self.page.locator("dialog.audit-panel")

    def open(self, number: int = 0) -> Locator:
        """Open the entry of a row; return the panel."""
        link = self.rows.nth(number).locator("a.audit-open")
        entry = link.get_attribute("data-entry")
        link.click()
        self.page.locator(f"dialog.audit-panel[data-entry='{entry}']").wait_for()
        return self.panel

    def settled(self) -> None:
        """Wait until the list shows what was asked for."""
        self.page.wait_for_function(
            "() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')"
        )
        self.page.wait_for_load_state("networkidle")

    def leave(self) -> None:
        """Close the browser.

        Raises:
            AssertionError: It complained about something.
        """
        self.page.close()
        if self.context not in _contexts.values():
            self.context.close()
        assert self.complaints == []


def sign_in(
    browser: Browser,
    address: str,
    username: str,
    *,
    anonymous: bool = False,
    alone: bool = False,
    **options: Any,
) -> Person:
    """Open a browser for somebody.

    Args:
        browser: Chromium.
        address: The demo.
        username: One of the demo's people.
        anonymous: Whether they have yet to sign in.
        alone: Whether nobody else may come to use this browser, for example because it gets cookies of its own.
        **options: As Playwright's `new_context` has them.
    """
    options = {"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Berlin", **options}
    key = json.dumps([address, username, options], sort_keys=True)
    context = None if alone or anonymous else _contexts.get(key)
    if context is None:
        context = browser.new_context(base_url=address, **options)
        context.set_default_timeout(PATIENCE)
        if not anonymous:
            context.add_cookies(_session(browser, address, username))
            if not alone:
                _contexts[key] = context
    page = context.new_page()
    person = Person(context, page, address)
    page.on("pageerror", lambda error: person.complaints.append(str(error)))
    page.on("console", lambda message: _hear(person, message.type, f"{message.text} {message.location}"))
    return person


def _hear(person: Person, kind: str, text: str) -> None:
    if kind == "error" and not any(word in text for word in HARMLESS):
        person.complaints.append(text)


def _session(browser: Browser, address: str, username: str) -> list[Any]:
    """Sign in through the form, once for each person."""
    if username not in _sessions:
        password = next(each.password for each in SIGN_INS if each.username == username)
        with browser.new_context(base_url=address) as context:
            page = context.new_page()
            page.goto("/admin/login/")
            page.fill("#id_username", username)
            page.fill("#id_password", password)
            page.click("[type=submit]")
            page.wait_for_url("**/admin/")
            _sessions[username] = context.cookies()
    return _sessions[username]
