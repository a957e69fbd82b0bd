"""The record as of an entry or a time, beside what it is now."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from audit_plugin.models import Entry
from tests.admin.conftest import LIST, SignIn, read
from tests.admin.restoring import Visit, newest
from tests.testapp.models import Author, Book, Restaurant, Tag

pytestmark = pytest.mark.django_db
BOOK = "testapp.book"


@pytest.fixture
def browser(sign_in: SignIn) -> Client:
    return sign_in("admin")


@pytest.fixture
def book(db: None) -> Book:
    book = Book.objects.create(title="Dune", author=Author.objects.create(name="Frank"), pin="1234")
    book.tags.add(Tag.objects.create(name="desert"))
    # Moments are told apart by their millisecond.
    time.sleep(0.005)
    book.title = "Done"
    book.save()
    return book


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells of the table by the field's name."""
    lines = BeautifulSoup(page, "html.parser").select(".audit-state tbody tr")
    return {
        line.select_one("th bdi").get_text(): [cell.get_text(" ", strip=True) for cell in line.select("td")]  # type: ignore[union-attr]
        for line in lines
    }


def of(browser: Client, record: Any, **query: str) -> str:
    return read(browser, f"record/{record._meta.label_lower}/{record.pk}/as-of/", x="", **query)


def test_as_of_an_entry(browser: Client, book: Book) -> None:
    created = newest(BOOK, operation="I")
    found = rows(of(browser, book, entry=str(created.pk)))
    assert found["title"] == ['"Dune"', '"Done"']
    assert found["author"] == [f"Frank ({book.author_id})", "the same"]
    assert found["pin"][0] == "secret, not stored"
    assert list(found)[:4] == ["ID", "title", "isbn", "author"]
    found = rows(of(browser, book, entry=str(newest(BOOK, operation="M").pk)))
    assert found["tags"] == [f"desert ({book.tags.get().pk})", "the same"]


def test_what_the_entry_changed_is_marked_and_neighbours_are_linked(browser: Client, book: Book) -> None:
    page = BeautifulSoup(of(browser, book), "html.parser")
    marked = [line.select_one("th bdi").get_text() for line in page.select(".audit-state-changed")]  # type: ignore[union-attr]
    assert marked == ["title"]
    assert page.select_one("a[rel=next]") is None
    before = page.select_one("a[rel=prev]")
    assert before is not None and str(newest(BOOK, operation="M").pk) in str(before["href"])


def test_as_of_a_time_and_back_to_it(browser: Client, book: Book) -> None:
    linked = newest(BOOK, operation="M")
    at = (linked.occurred_at + (newest(BOOK).occurred_at - linked.occurred_at) / 2).isoformat()
    page = of(browser, book, at=at)
    assert rows(page)["title"] == ['"Dune"', '"Done"']
    link = BeautifulSoup(page, "html.parser").select_one("a.audit-button-restore")
    assert link is not None
    Visit(browser, str(link["href"])).confirm()
    book.refresh_from_db()
    assert book.title == "Dune"


def test_who_restored_it_is_said(browser: Client, book: Book) -> None:
    created = newest(BOOK, operation="I")
    page = BeautifulSoup(of(browser, book, entry=str(created.pk)), "html.parser")
    Visit(browser, str(page.select_one("a.audit-button-restore")["href"])).confirm()  # type: ignore[index]
    page_then = of(browser, book, entry=str(created.pk))
    assert "Restored by" in page_then and "Ada Okonkwo" in page_then
    assert f"{LIST}{newest(BOOK, action='restore').pk}/change/" in page_then


def test_a_deleted_record(browser: Client, book: Book) -> None:
    key = book.pk
    book.delete()
    book.pk = key
    page = of(browser, book, entry=str(newest(BOOK, operation="I").pk))
    assert "The record has been deleted since." in page
    assert rows(page)["title"] == ['"Dune"', "deleted"]
    page = of(browser, book)
    assert "The record was deleted by then." in page and rows(page)["title"][0] == '"Done"'


def test_before_there_was_one(browser: Client, book: Book) -> None:
    page = of(browser, book, at=(timezone.now() - timedelta(days=1)).isoformat())
    assert "The record didn’t exist then." in page and "Restore this version" not in page


def test_a_record_of_two_tables_is_one(browser: Client) -> None:
    place = Restaurant.objects.create(name="Noma", stars=2)
    place.name = "Noma 2"
    place.save()
    page = read(browser, f"record/testapp.restaurant/{place.pk}/")
    assert f"/record/testapp.restaurant/{place.pk}/as-of/" in page
    assert f"/record/testapp.place/{place.pk}/as-of/" not in page
    found = rows(of(browser, place))
    assert (found["name"][0], found["stars"][0]) == ('"Noma 2"', "2")


@pytest.mark.parametrize(
    "query",
    [{"entry": "nonsense"}, {"entry": "01ffffff-ffff-7fff-bfff-ffffffffffff"}],
)
def test_an_entry_that_is_not_of_the_record(browser: Client, book: Book, query: dict[str, str]) -> None:
    url = f"{LIST}record/{BOOK}/{book.pk}/as-of/"
    assert browser.get(url, query).status_code == 404
    other = newest("testapp.author")
    assert browser.get(url, {"entry": str(other.pk)}).status_code == 404
    assert browser.get(f"{LIST}record/{BOOK}/999999/as-of/").status_code == 404
    assert browser.get(f"{LIST}record/no.model/1/as-of/").status_code == 404


@pytest.mark.parametrize("at", ["yesterday", "2026-02-31T00:00", "0001-01-01T00:00", "\x00"])
def test_a_time_that_is_none_is_said_to_be_none(browser: Client, book: Book, at: str) -> None:
    page = of(browser, book, at=at)
    assert "There is no such time. This is the last version." in page
    assert rows(page)["title"][0] == '"Done"'


def test_one_needs_the_right_to_view_the_record(people: dict[str, User], sign_in: SignIn, book: Book) -> None:
    editor = people["editor"]
    editor.groups.clear()
    editor.user_permissions.set(Permission.objects.filter(codename="view_entry"))
    assert sign_in("editor").get(f"{LIST}record/{BOOK}/{book.pk}/as-of/").status_code == 404


def test_without_the_right_to_restore_there_is_no_button(
    people: dict[str, User], sign_in: SignIn, book: Book
) -> None:
    people["auditor"].user_permissions.add(*Permission.objects.filter(codename="view_book"))
    page = of(sign_in("auditor"), book)
    assert "Done" in page and "Restore this version" not in page


def test_a_bounded_number_of_queries(browser: Client, book: Book, django_assert_max_num_queries: Any) -> None:
    entry = Entry.objects.filter(model=BOOK).latest("id")
    with django_assert_max_num_queries(40):
        of(browser, book, entry=str(entry.pk))
