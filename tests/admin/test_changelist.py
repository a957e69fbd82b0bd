"""The list of entries: who sees it, and what it costs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sample_project.people.models import Tag
from tests.admin.conftest import SignIn, read

LIST = "/admin/audit_plugin/entry/"


@pytest.mark.parametrize("username", ["admin", "auditor"])
def test_who_may_view_sees_entries_and_the_menu_item(sign_in: SignIn, username: str) -> None:
    Tag.objects.create(name="Quite unmistakable")
    browser = sign_in(username)
    assert "Quite unmistakable" in browser.get(LIST).content.decode()
    assert LIST in browser.get("/admin/").content.decode()


def test_an_editor_gets_neither_the_page_nor_the_menu_item(sign_in: SignIn) -> None:
    browser = sign_in("editor")
    assert browser.get(LIST).status_code == 403
    assert LIST not in browser.get("/admin/").content.decode()


def test_the_right_to_export_alone_shows_nothing(people: dict[str, User], sign_in: SignIn) -> None:
    people["editor"].user_permissions.add(Permission.objects.get(codename="export_entry"))
    browser = sign_in("editor")
    assert browser.get(LIST).status_code == 403
    assert LIST not in browser.get("/admin/").content.decode()


def test_a_stranger_is_sent_to_the_sign_in(db: None) -> None:
    response = Client().get(LIST)
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("page", ["add/", "{pk}/change/", "{pk}/delete/"])
@pytest.mark.parametrize("username", ["admin", "auditor", "editor"])
def test_nobody_changes_the_log(sign_in: SignIn, log: object, username: str, page: str) -> None:
    Tag.objects.create(name="Kept")
    entry = log()[-1]  # type: ignore[operator]
    response = sign_in(username).post(LIST + page.format(pk=entry.pk), {"action": "delete", "post": "yes"})
    assert response.status_code in (403, 404, 405)
    assert log(pk=entry.pk)[0].action == entry.action  # type: ignore[operator]


def queries(browser: Client, url: str = LIST) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200
    return [query["sql"] for query in captured]


def test_the_number_of_queries_does_not_grow_with_the_rows(sign_in: SignIn) -> None:
    browser = sign_in("auditor")
    Tag.objects.create(name="One")
    browser.get(LIST)
    few = queries(browser)
    for number in range(40):
        Tag.objects.create(name=f"Tag {number}")
    many = queries(browser)
    # A page that isn't full may take another look for older rows.
    assert len(many) <= len(few), "\n".join(many)


def test_nothing_counts_the_whole_table(sign_in: SignIn) -> None:
    counting = [sql for sql in queries(sign_in("admin")) if "COUNT(" in sql and "audit_plugin_entry" in sql]
    assert counting
    for sql in counting:
        assert "LIMIT" in sql or "WHERE" in sql, sql


def test_beyond_the_cap_every_number_says_that_it_is_an_estimate(sign_in: SignIn, settings: Any) -> None:
    Tag.objects.bulk_create(Tag(name=f"Tag {number}") for number in range(1200))
    browser = sign_in("admin")
    page = BeautifulSoup(read(browser, model="people.tag", size="10"), "html.parser")
    assert page.select_one(".audit-count").get_text() == "1,200 entries"  # type: ignore[union-attr]
    assert page.select_one(".audit-range").get_text() == "1–10 of 1,200"  # type: ignore[union-attr]
    assert "1,200 entries will be exported." in read(browser, "export/", model="people.tag")
    settings.AUDIT_COUNT_CAP = 100
    page = BeautifulSoup(read(browser, model="people.tag", size="10"), "html.parser")
    assert re.fullmatch(r"about [\d,]+ entries", page.select_one(".audit-count").get_text())  # type: ignore[union-attr]
    assert re.fullmatch(r"1–10 of about [\d,]+", page.select_one(".audit-range").get_text())  # type: ignore[union-attr]
    assert re.search(r"about [\d,]+ entries will be exported\.", read(browser, "export/", model="people.tag"))
