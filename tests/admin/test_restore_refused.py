"""What stands in the way of a restore: each error as text on the page, who may not, and forms that lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.utils import timezone

import audit_plugin
from audit_plugin.models import Entry
from tests.admin.conftest import LIST, SignIn
from tests.admin.restoring import Visit, newest
from tests.admin.scenarios import (
    book_changed,
    changed_since,
    check_failed,
    duplicate,
    erased,
    gone,
    key_exists,
    not_null,
    nothing,
    parent_missing,
    schema_changed,
)
from tests.testapp.models import Book, Category, Tag

pytestmark = pytest.mark.django_db
BOOK, TAG = "testapp.book", "testapp.tag"


@pytest.fixture
def browser(sign_in: SignIn) -> Client:
    return sign_in("admin")


@pytest.mark.parametrize(
    ("scenario", "words", "choices"),
    [
        (changed_since, "title was changed by Ann <i>Lee</i> on", {"overwrite", "keep"}),
        (gone, "no longer exists", {"bring_back", "keep"}),
        (parent_missing, "author refers to author “Frank”", {"restore_parent", "clear", "keep"}),
        (duplicate, "Another record already has this value", {"keep"}),
        (key_exists, "A record with this key exists again", {"overwrite", "keep"}),
        (check_failed, "no_dune", {"keep"}),
        (not_null, "published may no longer be empty", {"keep"}),
        (schema_changed, "colour no longer exists; it is left out", None),
        (erased, "title held personal data that was erased on 2026-05-03", None),
        (nothing, "There is nothing to restore: everything is as it was already.", None),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_stands_in_the_way_is_said(
    browser: Client, scenario: Callable[[], Entry], words: str, choices: set[str] | None
) -> None:
    visit = Visit.of(browser, scenario())
    assert visit.response.status_code == 200
    assert words in visit.text
    offered = {str(radio["value"]) for radio in visit.page.select("input[type=radio]")}
    assert offered == (choices or set())
    if choices:
        assert "1 conflict to decide" in visit.text and visit.button("all") is None
    else:
        assert "to decide" not in visit.text


def test_validation_is_a_choice_whose_failure_is_said(browser: Client) -> None:
    Category.objects.create(name="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testapp_category SET name = ''")
    Category.objects.update(name="y")
    visit = Visit.of(browser, newest("testapp.category"))
    assert visit.button("all") is not None
    visit.send(validate="1", look="1")
    assert "Validation fails" in visit.text and visit.button("all") is None


def test_pruned(browser: Client) -> None:
    oldest = book_changed() and Entry.objects.earliest("id")
    older = UUID(int=oldest.pk.int - (1 << 80))
    page = browser.get(f"{LIST}{older}/restore/")
    assert page.status_code == 200
    assert f"The log goes back to {oldest.occurred_at:%Y}" in page.content.decode()


def test_not_there(browser: Client) -> None:
    book_changed()
    page = browser.get(f"{LIST}01ffffff-ffff-7fff-bfff-ffffffffffff/restore/")
    assert page.status_code == 404 and "There is no such entry in the audit log." in page.content.decode()
    page = browser.get(f"{LIST}restore/", {"request": "unknown\0"})
    assert page.status_code == 404 and "nothing of this request" in page.content.decode()
    assert browser.get(f"{LIST}no-id/restore/").status_code == 404
    assert browser.post(f"{LIST}restore/", {"entry": ["no id"]}).status_code == 404


@pytest.mark.parametrize(
    "at", ["", "yesterday", "2026-02-30T00:00+00:00", "0001-01-01T00:00+00:00", "2026-01-01"]
)
def test_times_that_are_none(browser: Client, at: str) -> None:
    page = browser.get(f"{LIST}restore/", {"model": BOOK, "record": "1", "at": at})
    assert page.status_code == 302


def test_before_the_record_existed(browser: Client) -> None:
    entry = book_changed()
    early = timezone.now() - timedelta(days=1)
    page = browser.get(f"{LIST}restore/", {"model": BOOK, "record": entry.object_id, "at": early.isoformat()})
    assert "The record didn’t exist then." in page.content.decode().replace("&#x27;", "’")


def test_stale(browser: Client) -> None:
    visit = Visit.of(browser, book_changed())
    Book.objects.update(title="Meanwhile")
    visit.send(restore="all")
    assert visit.response.status_code == 409
    assert "The data changed while you looked at the preview." in visit.text
    assert "title was changed by" in visit.text and visit.button("all") is None
    assert Book.objects.get().title == "Meanwhile"


def test_choices_that_were_changed_since_the_preview_are_previewed_first(browser: Client) -> None:
    visit = Visit.of(browser, changed_since())
    visit.choose(changed_since="keep")
    assert visit.button("all") is not None and "Conflicts, decided" in visit.text
    visit.send(**visit.named({"changed_since": "overwrite"}), restore="all")
    assert visit.response.status_code == 200
    assert "You have changed your choices" in visit.response.content.decode()
    assert Book.objects.get().title == "Later"
    visit.confirm()
    assert Book.objects.get().title == "Dune"


def test_the_clean_part_is_a_choice_of_its_own(browser: Client) -> None:
    visit = Visit.of(browser, changed_since())
    assert "Stays as it is because of conflict 1." in visit.text and visit.button("all") is None
    visit.confirm("clean")
    book = Book.objects.get()
    assert (book.title, book.isbn) == ("Later", "1")


def test_all_conflicts_of_a_kind_are_decided_at_once(browser: Client) -> None:
    with audit_plugin.context(actor="import", request_id="many"):
        Tag.objects.bulk_create(Tag(name=f"Tag {number}") for number in range(60))
        Category.objects.bulk_create(Category(name="same") for _ in range(60))
    Category.objects.update(name="later")
    visit = Visit(browser, f"{LIST}restore/?request=many")
    assert "60 conflicts to decide" in visit.text and "and 10 more conflicts" in visit.text
    visit.send(**{"all=changed_since": "overwrite"}, look="1")
    visit.confirm()
    assert not Category.objects.exists() and not Tag.objects.exists()


def test_a_form_cannot_confirm_what_was_not_shown(browser: Client) -> None:
    entry = book_changed()
    visit = Visit.of(browser, entry)
    visit.send(restore="all", token="")
    assert visit.response.status_code == 200 and Book.objects.get().title == "Done"
    visit.send(restore="all", token="forged")
    assert visit.response.status_code == 409 and Book.objects.get().title == "Done"
    visit = Visit.of(browser, changed_since())
    visit.send(restore="all")
    assert visit.response.status_code == 409 and "There are conflicts to decide first: 1." in visit.text
    visit.send(**{"one=changed_since:nonsense": "destroy"}, look="1")
    assert visit.response.status_code == 200


def test_a_form_from_elsewhere_is_refused(people: dict[str, User]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people["admin"])
    visit = Visit.of(strict, book_changed())
    answer = strict.post(visit.url, {**visit.fields, "csrfmiddlewaretoken": "", "restore": "all"})
    assert answer.status_code == 403 and Book.objects.get().title == "Done"


@pytest.mark.parametrize("username", ["auditor", "editor"])
def test_without_the_permission_there_is_neither_button_nor_page(sign_in: SignIn, username: str) -> None:
    entry = book_changed()
    browser = sign_in(username)
    for path in (f"{entry.pk}/restore/", "restore/?request=x", "restore/"):
        assert browser.get(LIST + path).status_code == 403
        assert browser.post(LIST + path, {"entry": [str(entry.pk)], "restore": "all"}).status_code == 403
    if username == "auditor":
        page = browser.get(LIST, {"all": "1", "entry": str(entry.pk)}).content.decode()
        assert "/restore/" not in page and "Restore selected" not in page
    assert Book.objects.get().title == "Done"


@pytest.fixture
def restorer(people: dict[str, User]) -> User:
    """The editor, who may restore and view books, but not change them."""
    editor = people["editor"]
    editor.groups.clear()
    editor.user_permissions.set(
        Permission.objects.filter(codename__in=["view_entry", "restore_entry", "view_book"])
    )
    return editor


def test_the_right_to_change_the_record_is_needed_too(restorer: User, sign_in: SignIn) -> None:
    browser = sign_in("editor")
    visit = Visit.of(browser, book_changed())
    assert "You don’t have the permission to restore this: testapp.change_book." in visit.text.replace(
        "'", "’"
    )
    assert "This can’t be decided here" in visit.text
    assert visit.button("all") is None and visit.button("clean") is None
    visit.send(restore="clean")
    assert visit.response.status_code == 409 and Book.objects.get().title == "Done"


def test_what_one_may_not_see_one_may_not_undo(restorer: User, sign_in: SignIn) -> None:
    browser = sign_in("editor")
    with audit_plugin.context(actor="x", request_id="mixed"):
        Tag.objects.create(name="hidden")
        entry = book_changed()
    hidden = newest(TAG)
    assert browser.get(f"{LIST}{hidden.pk}/restore/").status_code == 404
    page = browser.get(f"{LIST}restore/", {"request": "mixed"})
    assert page.status_code == 403 and "isn’t visible to you" in page.content.decode().replace("&#x27;", "’")
    assert entry


def closed(request: Any) -> Any:
    from audit_plugin.visibility import Refusal

    return Refusal("Closed.", "/plans/")


def test_the_hosts_gate_closes_restoring_too(browser: Client, settings: Any) -> None:
    entry = book_changed()
    settings.AUDIT_GATE = closed
    for path in (f"{entry.pk}/restore/", "restore/", f"record/{BOOK}/{entry.object_id}/as-of/"):
        assert browser.post(LIST + path, {"restore": "all"}).status_code in (302, 405)
        assert browser.get(LIST + path)["Location"] == "/plans/"
