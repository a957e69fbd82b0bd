"""What can stand in the way of a restore, made to happen; each returns the entry that somebody wants undone."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

import audit_plugin
from audit_plugin.models import Entry
from tests.admin.restoring import newest
from tests.restore.conftest import make_entry
from tests.testapp.models import Author, Book, Tag

BOOK, TAG = "testapp.book", "testapp.tag"


def book_changed() -> Entry:
    Book.objects.create(title="Dune", isbn="1")
    Book.objects.update(title="Done", isbn="2")
    return newest(BOOK)


def changed_since() -> Entry:
    entry = book_changed()
    with audit_plugin.context(actor="Ann <i>Lee</i>"):
        Book.objects.update(title="Later")
    return entry


def gone() -> Entry:
    entry = book_changed()
    Book.objects.all().delete()
    return entry


def parent_missing() -> Entry:
    book = Book.objects.create(title="Dune", author=Author.objects.create(name="Frank"))
    with audit_plugin.context(actor="first"):
        book.delete()
    with audit_plugin.context(actor="second"):
        Author.objects.all().delete()
    return newest(BOOK)


def duplicate() -> Entry:
    Tag.objects.create(name="a")
    Tag.objects.update(name="b")
    entry = newest(TAG)
    Tag.objects.create(name="a")
    return entry


def key_exists() -> Entry:
    tag = Tag.objects.create(name="a")
    key = tag.pk
    tag.delete()
    entry = newest(TAG)
    Tag.objects.create(pk=key, name="another")
    return entry


def schema_changed() -> Entry:
    tag = Tag.objects.create(name="new")
    return make_entry(TAG, str(tag.pk), "U", '{"name": ["old", "new"], "colour": ["red", "blue"]}')


def erased() -> Entry:
    book = Book.objects.create(title="b", isbn="2")
    changes = '{"title": ["erased", "b"], "isbn": ["1", "2"]}'
    return make_entry(BOOK, str(book.pk), "U", changes, details='{"erased": {"title": "2026-05-03"}}')


def check_failed() -> Entry:
    entry = book_changed()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE testapp_book ADD CONSTRAINT no_dune CHECK (title <> 'Dune')")
    return entry


def not_null() -> Entry:
    Book.objects.create(title="Dune")
    Book.objects.update(published=timezone.localdate())
    entry = newest(BOOK)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE testapp_book ALTER COLUMN published SET NOT NULL")
    return entry


def nothing() -> Entry:
    entry = book_changed()
    Book.objects.update(title="Dune", isbn="1")
    return entry
