"""The page to try GraphQL queries in, under its own content security policy."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsing import Person
from tests.e2e.test_accessibility import serious

Meet = Callable[..., Person]


def test_a_query_is_answered_and_the_schema_is_shown(person: Meet) -> None:
    auditor = person("auditor")
    page = auditor.go("/graphql/")
    expect(page.locator("#schema summary").first).to_have_text("Query")
    page.get_by_label("Query").fill("query ($n: Int) { auditEntries(first: $n) { nodes { description } } }")
    page.get_by_label("Variables").fill('{"n": 3}')
    page.get_by_label("Variables").press("Control+Enter")
    expect(page.locator("#answer")).to_contain_text("description")
    answer = json.loads(page.locator("#answer").inner_text())
    assert len(answer["data"]["auditEntries"]["nodes"]) == 3
    # Looking at entries of a single type is a matter of unfolding it.
    page.locator("#schema summary", has_text="AuditFieldChange").click()
    expect(page.locator("#schema dt", has_text="masked: Boolean!").first).to_be_visible()
    assert serious(auditor) == []
    assert auditor.complaints == []


def test_mistakes_are_shown(person: Meet) -> None:
    page = person("auditor").go("/graphql/")
    page.get_by_label("Variables").fill("{")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#status")).to_have_text("The variables are no JSON.")
    page.get_by_label("Variables").fill("")
    page.get_by_label("Query").fill("{ nothing }")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#answer")).to_contain_text("GRAPHQL_VALIDATION_FAILED")


def test_every_example_works(person: Meet) -> None:
    page = person("admin").go("/graphql/")
    for name in page.locator("#example option").all_inner_texts():
        page.get_by_label("Example").select_option(name)
        with page.expect_response("**/graphql/") as found:
            page.get_by_role("button", name="Run").click()
        assert "errors" not in found.value.json(), name


def test_who_may_not_view_the_log_sees_nothing(person: Meet) -> None:
    editor = person("editor")
    assert editor.context.request.get(f"{editor.address}/graphql/").status == 403
