"""Restoring in the admin: the five kinds, the preview, the confirmation, the links between source and result."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

import audit_plugin
from audit_plugin.models import Entry
from tests.admin.conftest import LIST, SignIn, read
from tests.admin.restoring import Visit, newest
from tests.testapp.models import Author, Book, Tag

pytestmark = pytest.mark.django_db
BOOK = "testapp.book"


@pytest.fixture
def browser(sign_in: SignIn) -> Client:
    return sign_in("admin")


@pytest.fixture
def changed(db: None) -> Entry:
    """A change of a book's title and number; its price has been changed since."""
    Book.objects.create(title="Dune", isbn="1")
    Book.objects.update(title="Done", isbn="2")
    entry = newest(BOOK)
    Book.objects.update(price=7)
    return entry


def test_a_change_is_undone(browser: Client, changed: Entry, log: Any) -> None:
    visit = Visit.of(browser, changed)
    assert "Undo this change?" in visit.page.select_one("h1").get_text()  # type: ignore[union-attr]
    rows = [item.get_text(" ", strip=True) for item in visit.page.select(".audit-step .audit-changes > li")]
    assert rows == ['title title from "Done" → to "Dune"', 'isbn isbn from "2" → to "1"']
    assert "1 × Book: changed" in visit.text
    assert Book.objects.get().title == "Done"
    [message] = visit.confirm(reason="entered twice")
    book = Book.objects.get()
    assert (book.title, book.isbn, book.price) == ("Dune", "1", 7)
    result = log(action="restore")[-1]
    assert (result.actor_id, result.restored_from) == (newest(BOOK).actor_id, changed.pk)
    assert result.context.metadata["reason"] == "entered twice"
    assert "Restored successfully: 1 new entry in the log." in message
    assert f'href="{LIST}{result.pk}/change/"' in message


def test_source_and_result_lead_to_each_other(browser: Client, changed: Entry) -> None:
    Visit.of(browser, changed).confirm(reason="as agreed")
    result = newest(BOOK)
    assert f'href="{LIST}{result.pk}/change/"' in read(browser, f"{changed.pk}/change/")
    page = read(browser, f"{result.pk}/change/")
    assert f'href="{LIST}{changed.pk}/change/"' in page
    assert "as agreed" in page


def test_the_whole_record_goes_back_to_before_or_after_an_entry(browser: Client, changed: Entry) -> None:
    visit = Visit.of(browser, changed, **{"as": "before"})
    assert "price" in visit.text
    assert [way.get_text() for way in visit.page.select(".audit-ways a[aria-current]")] == [
        "The whole record, as before it"
    ]
    visit.confirm()
    book = Book.objects.get()
    assert (book.title, book.price) == ("Dune", 0)
    Visit.of(browser, changed, **{"as": "after"}).confirm()
    book.refresh_from_db()
    assert (book.title, book.price) == ("Done", 0)


def test_a_deleted_record_comes_back_by_choice_with_what_went_along(browser: Client) -> None:
    author = Author.objects.create(name="Frank", api_token="geheim")
    Book.objects.create(title="Dune", author=author)
    key = author.pk
    author.delete()
    gone = newest("testapp.author", operation="D")
    visit = Visit.of(browser, gone)
    assert "Bring this record back?" in str(visit.page.select_one("h1"))
    assert "2 ×" not in visit.text and "Comes back" in visit.text
    link = visit.page.select_one(".audit-ways a:not([aria-current])")
    assert link is not None and link.get_text() == "With what was deleted along with it"
    with_books = Visit(browser, f"{LIST}{gone.pk}/restore/{link['href']}")
    assert "1 × Book: brought back" in with_books.text
    assert "geheim" not in with_books.text and "secret, not stored" in with_books.text
    [message] = with_books.confirm()
    assert "2 new entries" in message
    assert Book.objects.get().author_id == key


def test_a_creation_is_undone_by_a_delete_that_says_what_goes_along(browser: Client) -> None:
    author = Author.objects.create(name="Frank")
    created = newest("testapp.author")
    Book.objects.create(title="Dune", author=author)
    visit = Visit.of(browser, created)
    assert "Undo this creation?" in str(visit.page.select_one("h1")) and "Is deleted" in visit.text
    assert "Other records refer to" in visit.text and visit.button("all") is None
    visit.choose(referenced="cascade")
    assert "1 × Book: deleted along with it" in visit.text
    visit.confirm()
    assert not Author.objects.exists() and not Book.objects.exists()


def test_a_request_is_undone_as_one(browser: Client) -> None:
    with audit_plugin.context(actor="import", request_id="the-import"):
        Tag.objects.bulk_create(Tag(name=f"Tag {number}") for number in range(60))
    entry = newest("testapp.tag")
    panel = read(browser, entry=str(entry.pk))
    found = re.search(r'href="([^"]+restore/\?request=the-import[^"]*)"', panel)
    assert found and "Undo this request" in panel
    visit = Visit(browser, found[1].replace("&amp;", "&"))
    assert "60 × Tag: deleted" in visit.text and "and 10 more records" in visit.text
    [message] = visit.confirm()
    assert not Tag.objects.exists()
    url = re.search(r'href="([^"]+)"', message)
    assert url and "60 entries" in read(browser, url[1].replace("&amp;", "&"))


def test_selected_entries_are_undone_as_one(browser: Client) -> None:
    for name in ("one", "two", "three"):
        Tag.objects.create(name=name)
    page = read(browser, model="testapp.tag")
    assert page.count('name="entry"') == 3
    chosen = [str(newest("testapp.tag", object_repr=name).pk) for name in ("one", "three")]
    response = browser.post(f"{LIST}restore/", {"entry": chosen, "next": f"{LIST}?model=testapp.tag"})
    assert "2 selected entries" in response.content.decode()
    visit = Visit.__new__(Visit)
    visit.browser, visit.url = browser, f"{LIST}restore/"
    visit.take(response)
    hidden = [str(box["value"]) for box in visit.page.select("input[type=hidden][name=entry]")]
    assert hidden == chosen
    answer = browser.post(visit.url, {**visit.fields, "entry": hidden, "restore": "all"})
    assert answer["Location"] == f"{LIST}?model=testapp.tag"
    assert [tag.name for tag in Tag.objects.all()] == ["two"]


def test_nothing_selected_is_said(browser: Client) -> None:
    response = browser.post(f"{LIST}restore/", {"next": f"{LIST}?all=1"}, follow=True)
    assert "Select at least one entry first." in response.content.decode()


def test_a_record_goes_back_to_a_time(browser: Client, changed: Entry) -> None:
    query = {"model": BOOK, "record": changed.object_id, "at": changed.occurred_at.isoformat()}
    page = browser.get(f"{LIST}restore/", query)
    visit = Visit(browser, page.wsgi_request.get_full_path())
    assert "as of" in visit.text
    visit.confirm()
    assert (Book.objects.get().title, Book.objects.get().price) == ("Done", 0)


def test_a_restore_can_be_undone(browser: Client, changed: Entry) -> None:
    Visit.of(browser, changed).confirm()
    Visit.of(browser, newest(BOOK)).confirm()
    assert Book.objects.get().title == "Done"


def test_one_comes_back_to_where_one_was(browser: Client, changed: Entry) -> None:
    visit = Visit.of(browser, changed, next=f"{LIST}?model={BOOK}")
    assert visit.page.select_one(f'a[href="{LIST}?model={BOOK}"]')
    visit.confirm()
    assert visit.response["Location"] == f"{LIST}?model={BOOK}"
    visit = Visit.of(browser, changed, next="https://elsewhere.example/")
    assert "elsewhere" not in visit.response.content.decode()


def test_history_and_deleted_records_lead_there(browser: Client, changed: Entry) -> None:
    page = read(browser, f"record/{BOOK}/{changed.object_id}/")
    assert f"/as-of/?entry={changed.pk}" in page and "Restore selected" in page
    Book.objects.all().delete()
    page = read(browser, "deleted/", model=BOOK)
    assert f'href="{LIST}{newest(BOOK).pk}/restore/' in page and "Bring back" in page


def test_a_preview_leaves_nothing_behind(browser: Client, changed: Entry) -> None:
    before = Entry.objects.count()
    visit = Visit.of(browser, changed)
    visit.send(look="1", reason="<b>why</b>")
    assert "&lt;b&gt;why" in visit.response.content.decode()
    assert Entry.objects.count() == before
