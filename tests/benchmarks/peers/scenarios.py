"""Ten restores that somebody wants, and what is in the tables afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction

from tests.benchmarks.peers.models import Author, Book, Tag
from tests.benchmarks.peers.tools import Tool

#: Whether it came out as wanted, and what is there.
Outcome = tuple[bool, str]
Scenario = Callable[[Tool], Outcome]


def attempt(work: Callable[[], None]) -> str:
    """Do it as one transaction; return the first line of what it raised, empty where it raised nothing."""
    try:
        with transaction.atomic():
            work()
    except Exception as error:
        if conflicts := getattr(getattr(error, "plan", None), "conflicts", ()):
            return "; ".join(str(conflict.message) for conflict in conflicts)
        words = re.sub(r"\s+", " ", str(error).splitlines()[0] if str(error) else "")
        return f"{type(error).__name__}: {words}"
    return ""


def book(tool: Tool, **values: Any) -> Book:
    with tool.request():
        return Book.objects.create(**{"title": "Dune", "isbn": "1", **values})


def save(tool: Tool, record: Any, **values: Any) -> None:
    with tool.request():
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


def another_field_changed_since(tool: Tool) -> Outcome:
    """Undo a change of the title; the price was changed since"""
    one = book(tool)
    before = tool.now(one)
    save(tool, one, title="Done")
    change = tool.now(one)
    save(tool, one, price=12)
    raised = attempt(lambda: tool.undo(before, change))
    one.refresh_from_db()
    kept = one.price == 12
    return (
        one.title == "Dune" and kept,
        raised or f"title back, price {'kept' if kept else 'lost, nothing said'}",
    )


def same_field_changed_since(tool: Tool) -> Outcome:
    """Undo a change of the title; somebody changed it again since"""
    one = book(tool)
    before = tool.now(one)
    save(tool, one, title="Done")
    change = tool.now(one)
    save(tool, one, title="Dune Messiah")
    raised = attempt(lambda: tool.undo(before, change))
    one.refresh_from_db()
    kept = one.title == "Dune Messiah"
    return kept and bool(raised), f"refused: {raised}" if raised else "the later change is lost, nothing said"


def exact_values(tool: Tool) -> Outcome:
    """The row exactly as it was, its `auto_now` field included"""
    one = book(tool)
    one.refresh_from_db()
    was, before = one.updated, tool.now(one)
    save(tool, one, title="Done")
    raised = attempt(lambda: tool.undo(before, tool.now(one)))
    one.refresh_from_db()
    same = one.updated == was
    return same and not raised, raised or ("exactly" if same else "`updated` says when it was restored")


def deleted(tool: Tool) -> Outcome:
    """Bring back a deleted record under its key"""
    one = book(tool)
    key = one.pk
    with tool.request():
        one.delete()
    raised = attempt(lambda: tool.bring_back(Book, key))
    there = Book.objects.filter(pk=key, title="Dune").exists()
    return there, raised or ("back" if there else "not there")


def deleted_with_links(tool: Tool) -> Outcome:
    """… with its many-to-many rows"""
    with tool.request():
        one, tag = Book.objects.create(title="Dune", isbn="1"), Tag.objects.create(name="desert")
        one.tags.add(tag)
    key = one.pk
    with tool.request():
        one.delete()
    raised = attempt(lambda: tool.bring_back(Book, key))
    links = Book.tags.through.objects.filter(book_id=key).count()
    return links == 1, raised or ("with its tag" if links else "without its tag, nothing said")


def deleted_with_parent_gone(tool: Tool) -> Outcome:
    """… whose author has been deleted since"""
    with tool.request():
        author = Author.objects.create(name="Frank")
    one = book(tool, author=author)
    key = one.pk
    with tool.request():
        one.delete()
    with tool.request():
        author.delete()
    raised = attempt(lambda: tool.bring_back(Book, key))
    said = bool(raised) and "IntegrityError" not in raised
    return said, raised or "back"


def deleted_with_children(tool: Tool) -> Outcome:
    """Bring back an author with the books that were cascaded away, in one call"""
    with tool.request():
        author = Author.objects.create(name="Frank")
        Book.objects.create(title="Dune", isbn="1", author=author)
        Book.objects.create(title="Dune Messiah", isbn="2", author=author)
        author.save()
    key = author.pk
    with tool.request():
        author.delete()
    raised = attempt(lambda: tool.bring_back_all(Author, key))
    books = Book.objects.filter(author_id=key).count()
    there = Author.objects.filter(pk=key).exists()
    return (
        there and books == 2,
        raised or f"the author {'back' if there else 'not there'}, {books} of 2 books",
    )


def unique_value_taken(tool: Tool) -> Outcome:
    """Undo a change of the ISBN; another book has it by now"""
    one = book(tool)
    before = tool.now(one)
    save(tool, one, isbn="2")
    change = tool.now(one)
    book(tool, title="Another")
    raised = attempt(lambda: tool.undo(before, change))
    return bool(raised) and "IntegrityError" not in raised, raised


def whole_request(tool: Tool) -> Outcome:
    """Undo a request that changed two books, deleted one and created one"""
    with tool.request() as setup:
        one, two, three = (Book.objects.create(title=f"Book {n}", isbn=str(n)) for n in range(3))
    with tool.request() as request:
        one.title = two.title = "Changed"
        one.save()
        two.save()
        three.delete()
        Book.objects.create(title="New", isbn="9")
    raised = attempt(lambda: tool.undo_request(setup, request))
    titles = set(Book.objects.values_list("title", flat=True))
    parts = [
        ("two changed back", {"Book 0", "Book 1"} <= titles),
        ("the deleted one back", "Book 2" in titles),
        ("the new one gone", "New" not in titles),
    ]
    text = ", ".join(words if done else f"NOT {words}" for words, done in parts)
    return all(done for _, done in parts), raised or text


def what_the_log_says(tool: Tool) -> Outcome:
    """The log says that it was a restore, and of what"""
    one = book(tool)
    before = tool.now(one)
    save(tool, one, title="Done")
    change = tool.now(one)
    with tool.request():
        raised = attempt(lambda: tool.undo(before, change))
    one.refresh_from_db()
    said = raised or tool.said(one)
    return "restore" in said, said


SCENARIOS: list[Scenario] = [
    another_field_changed_since,
    same_field_changed_since,
    exact_values,
    deleted,
    deleted_with_links,
    deleted_with_parent_gone,
    deleted_with_children,
    unique_value_taken,
    whole_request,
    what_the_log_says,
]
