"""Writes of one record."""

from __future__ import annotations

from django.db import transaction

from tests.benchmarks.runner import Runner
from tests.benchmarks.scenarios.base import Scenario

#: Objects that are saved in turn, so that few rows are updated often.
KEPT = 2_000


def create(runner: Runner, calls: int) -> list[float]:
    """Insert one at a time, each its own transaction, all in one request."""
    rows = runner.rows(calls)
    with runner.measuring() as seconds:
        for row in rows:
            with runner.timed(seconds):
                runner.Book.objects.create(**row)
    return seconds


def create_alone(runner: Runner, calls: int) -> list[float]:
    """Insert one in a request of its own, so that the request is recorded each time as well."""
    rows = runner.rows(calls)
    with runner.measuring(request=False) as seconds:
        for row in rows:
            with runner.timed(seconds), runner.recorder.request():
                runner.Book.objects.create(**row)
    return seconds


def save(runner: Runner, calls: int) -> list[float]:
    """Change two fields and save all, each its own transaction."""
    books = runner.stored(runner.Book, KEPT)
    with runner.measuring() as seconds:
        for book in books[:: KEPT // calls]:
            book.pages += 1
            book.rating = book.pages % 50 / 10
            with runner.timed(seconds):
                book.save()
    return seconds


def edit(runner: Runner, calls: int) -> list[float]:
    """Read, change and save in one transaction, as a form does."""
    keys = [book.pk for book in runner.stored(runner.Book, KEPT)]
    with runner.measuring() as seconds:
        for key in keys[:: KEPT // calls]:
            with runner.timed(seconds), transaction.atomic():
                book = runner.Book.objects.get(pk=key)
                book.pages += 1
                book.rating = book.pages % 50 / 10
                book.save()
    return seconds


def delete(runner: Runner, calls: int) -> list[float]:
    """Delete one at a time."""
    runner.at_least(runner.Book, KEPT + calls)
    books = list(runner.Book.objects.order_by("-pk")[:calls])
    with runner.measuring() as seconds:
        for book in books:
            with runner.timed(seconds):
                book.delete()
    return seconds


SINGLE = (
    Scenario("create", "create()", create, 50, 20, 1.15, waits=True),
    Scenario("create_alone", "create() in a request of its own", create_alone, 50, 20, waits=True),
    Scenario("save", "save()", save, 50, 20, 1.20, waits=True),
    Scenario("edit", "get() and save() in atomic()", edit, 50, 20, waits=True),
    Scenario("delete_one", "instance delete()", delete, 30, 10, waits=True),
)
