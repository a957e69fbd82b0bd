"""A host that closes the whole log: with a message where there are people, with a refusal where there are programs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import LIST, Person

Meet = Callable[..., Person]
CLOSED = "The audit log is part of the Enterprise plan."


@pytest.fixture
def closed(person: Meet) -> Person:
    """Somebody who may see everything, but for the plan."""
    who = person("admin", alone=True)
    who.context.add_cookies([{"name": "plan", "value": "small", "url": who.address}])
    return who


@pytest.mark.parametrize("path", ["", "export/", "deleted/"])
def test_pages_lead_away_and_say_why(closed: Person, path: str) -> None:
    page = closed.go(path)
    expect(page).to_have_url(f"{closed.address}/admin/")
    expect(page.locator(".messagelist")).to_contain_text(CLOSED)


def test_exports_and_the_api_refuse_alike(closed: Person) -> None:
    closed.go("/admin/")
    token = next(cookie["value"] for cookie in closed.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": closed.address}
    answer = closed.context.request.post(
        f"{closed.address}/graphql/", data={"query": "{ auditEntryCount { value } }"}, headers=headers
    )
    (error,) = answer.json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (CLOSED, "CLOSED")
    exported = closed.context.request.post(
        f"{closed.address}{LIST}export/", form={"format": "csv"}, headers=headers, max_redirects=0
    )
    assert exported.status == 302
