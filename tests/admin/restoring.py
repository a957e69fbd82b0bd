"""Somebody's way through the pages of restoring, without a script: read the form, fill it in, send it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from bs4 import BeautifulSoup, Tag
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from audit_plugin.models import Entry
from tests.admin.conftest import LIST


class Visit:
    """A page of restoring, open in a browser."""

    def __init__(self, browser: Client, url: str) -> None:
        self.browser = browser
        self.url = url
        self.take(browser.get(url))

    @classmethod
    def of(cls, browser: Client, entry: Entry, **query: Any) -> Visit:
        """Open the page of an entry."""
        return cls(browser, f"{LIST}{entry.pk}/restore/?{urlencode(query)}")

    def take(self, response: Any) -> None:
        self.response: HttpResponse = response
        self.page = BeautifulSoup(response.content.decode(), "html.parser")

    @property
    def text(self) -> str:
        """What the page says."""
        content = self.page.select_one("#content-main")
        return content.get_text(" ", strip=True) if content else ""

    @property
    def fields(self) -> dict[str, str]:
        """What the form would send as it is, without a button."""
        form = self.page.select_one("form:has([name=token])")
        assert form is not None, self.text
        values = {}
        for control in form.select("input[name], select[name]"):
            if control.name == "select":
                option = control.select_one("option[selected]")
                values[str(control["name"])] = str(option["value"]) if option else ""
            elif control.get("type") not in ("radio", "checkbox") or control.has_attr("checked"):
                values[str(control["name"])] = str(control.get("value") or "")
        return values

    def button(self, value: str) -> Tag | None:
        """Return the button that restores `all`, or what is `clean`."""
        return self.page.select_one(f"button[name=restore][value={value}]")

    def choose(self, **choices: str) -> None:
        """Choose, by the code of the conflict, and look at the preview again."""
        self.send(**self.named(choices), look="1")

    def named(self, choices: dict[str, str]) -> dict[str, str]:
        """Return choices under the names of the form's fields, by the code of the conflict."""
        found = {}
        for code, choice in choices.items():
            radio = self.page.select_one(f'input[type=radio][name^="one={code}"][value={choice}]')
            assert radio is not None, f"{code} has no choice {choice}"
            found[str(radio["name"])] = choice
        return found

    def send(self, **values: str) -> None:
        """Send the form with some values changed or added."""
        self.take(self.browser.post(self.url, {**self.fields, **values}))

    def confirm(self, value: str = "all", **values: str) -> list[str]:
        """Press the button, which has to be there; return what the next page says."""
        assert self.button(value) is not None, self.text
        self.send(**values, restore=value)
        assert self.response.status_code == 302, self.text
        return [str(message) for message in get_messages(self.response.wsgi_request)]


def newest(model: str, **filters: Any) -> Entry:
    """Return the newest entry about a model."""
    return Entry.objects.filter(model=model, **filters).latest("seq")
