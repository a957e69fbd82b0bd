"""Many-to-many links are recorded as changes of the record that has the field."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from tests.conftest import Log, log_since_now
from tests.testapp.models import Author, Book, Category, Reading, Tag

pytestmark = pytest.mark.django_db

Tags = dict[str, Tag]


def raw_move(book: Book, tags: Tags) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE testapp_book_tags SET tag_id = %s WHERE tag_id = %s", [tags["c"].pk, tags["a"].pk]
        )


def truncate(book: Book, tags: Tags) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # or the foreign keys of this test are still to be checked
        cursor.execute("TRUNCATE testapp_book_tags")


#: A book has the tags a and b. Each row: what is done, and what the log says came and went, in its order.
CHANGES: dict[str, tuple[Callable[[Book, Tags], object], list[tuple[str, str]]]] = {
    "add": (lambda book, tags: book.tags.add(tags["c"], tags["d"]), [("cd", "")]),
    "add what is there": (lambda book, tags: book.tags.add(tags["a"]), []),
    "remove": (lambda book, tags: book.tags.remove(tags["a"]), [("", "a")]),
    "set": (lambda book, tags: book.tags.set([tags["b"], tags["c"]]), [("", "a"), ("c", "")]),
    "clear": (lambda book, tags: book.tags.clear(), [("", "ab")]),
    "from the other side": (lambda book, tags: tags["c"].books.add(book), [("c", "")]),
    "update of the table": (raw_move, [("c", "a")]),
    "truncate of the table": (truncate, [("", "ab")]),
    "delete of the record": (lambda book, tags: book.delete(), [("", "ab")]),
    "delete of a linked record": (lambda book, tags: tags["a"].delete(), [("", "a")]),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_links_are_shown_on_the_parent(
    change: Callable[[Book, Tags], object], expected: list[tuple[str, str]], db: None
) -> None:
    tags = {name: Tag.objects.create(name=name) for name in "abcd"}
    names = {tag.pk: tag.name for tag in tags.values()}
    book = Book.objects.create(title="Dune", isbn="1")
    key = str(book.pk)
    book.tags.set([tags["a"], tags["b"]])
    log = log_since_now()
    change(book, tags)
    entries = log(model="testapp.book", operation="M")
    found = [
        ("".join(names[key] for key in link.added), "".join(names[key] for key in link.removed))
        for entry in entries
        for link in entry.field_changes
    ]
    assert found == expected
    assert {(entry.object_id, entry.object_repr) for entry in entries} <= {(key, "Dune (1)")}


def test_custom_table_is_recorded_by_itself_and_on_the_parent(log: Log) -> None:
    book, reader = Book.objects.create(title="Dune"), Author.objects.create(name="Ann")
    book.readers.add(reader, through_defaults={"stars": 5})
    own, shown = log(model="testapp.reading"), log(model="testapp.book", operation="M")
    assert own[0].changes == {
        "id": Reading.objects.get().pk,
        "book": book.pk,
        "reader": reader.pk,
        "stars": 5,
    }
    assert shown[0].changes == {"readers": {"added": [reader.pk], "removed": []}}
    assert shown[0].details == {"through": "testapp.reading"}


def test_symmetrical_links_are_shown_on_both_records(log: Log) -> None:
    left, right = Category.objects.create(name="left"), Category.objects.create(name="right")
    left.related.add(right)
    found = {(entry.object_repr, entry.changes["related"]["added"][0]) for entry in log(operation="M")}
    assert found == {("left", right.pk), ("right", left.pk)}


def test_one_statement_over_many_parents_writes_one_entry_each(log: Log) -> None:
    tag = Tag.objects.create(name="a")
    tag.books.set([Book.objects.create(title=title) for title in ("x", "y", "z")])
    assert sorted(entry.object_repr for entry in log(operation="M")) == ["x ()", "y ()", "z ()"]
