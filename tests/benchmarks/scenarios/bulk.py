"""Writes of many records in one statement or a few."""

from __future__ import annotations

from django.db.models import F

from tests.benchmarks.runner import Runner
from tests.benchmarks.scenarios.base import Scenario

CHAPTERS = 3


def bulk_create(runner: Runner, rows: int) -> list[float]:
    """Insert many."""
    books = runner.volumes(runner.Book, rows)
    with runner.measuring() as seconds, runner.timed(seconds):
        runner.recorder.bulk_create(runner.Book, books)
    return seconds


def update(runner: Runner, rows: int) -> list[float]:
    """Update many by a queryset."""
    last = runner.stored(runner.Book, rows)[-1]
    with runner.measuring() as seconds, runner.timed(seconds):
        runner.Book.objects.filter(pk__lte=last.pk).update(pages=F("pages") + 1)
    return seconds


def bulk_update(runner: Runner, rows: int) -> list[float]:
    """Update many, each to values of its own."""
    books = runner.stored(runner.Book, rows)
    for book in books:
        book.pages += 1
        book.rating = book.pages % 50 / 10
    with runner.measuring() as seconds, runner.timed(seconds):
        runner.recorder.bulk_update(runner.Book, books, ["pages", "rating"])
    return seconds


def delete(runner: Runner, rows: int) -> list[float]:
    """Delete many that nothing refers to."""
    runner.at_least(runner.Book, rows * 20)
    keys = list(runner.Book.objects.order_by("-pk").values_list("pk", flat=True)[:rows])
    with runner.measuring() as seconds, runner.timed(seconds):
        runner.Book.objects.filter(pk__in=keys).delete()
    return seconds


def delete_cascade(runner: Runner, rows: int) -> list[float]:
    """Delete many, and the chapters of each with it."""
    with runner.recorder.request():
        novels = runner.volumes(runner.Novel, rows)
        runner.recorder.bulk_create(runner.Novel, novels)
        chapters = [
            runner.Chapter(novel=novel, number=number, heading=f"Chapter {number}")
            for novel in novels
            for number in range(CHAPTERS)
        ]
        runner.recorder.bulk_create(runner.Chapter, chapters)
    keys = [novel.pk for novel in novels]
    with runner.measuring() as seconds, runner.timed(seconds):
        runner.Novel.objects.filter(pk__in=keys).delete()
    return seconds


BULK = (
    Scenario("bulk_create", "bulk_create() of 5,000", bulk_create, 5_000, 10, 1.3),
    Scenario("update", "queryset.update() of 6,000", update, 6_000, 10, 5),
    Scenario("bulk_update", "bulk_update() of 1,000", bulk_update, 1_000, 10),
    Scenario("delete", "queryset.delete() of 300", delete, 300, 15, 1.5),
    Scenario("delete_cascade", "queryset.delete() of 300 with 900 dependants", delete_cascade, 300, 10),
)
