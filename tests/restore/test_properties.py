"""Any history, any point in it: what is restored is exactly the row that was there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import audit_plugin
from audit_plugin import restore
from audit_plugin.models import Entry
from audit_plugin.restore import Undo, Version
from tests.restore.conftest import Row, row
from tests.testapp.models import Author, Book, Exotic, Reading, Tag

pytestmark = pytest.mark.django_db

KEY = 1_000_000

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False).map(str)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
moments = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC))  # noqa: DTZ001

BOOK = st.fixed_dictionaries(
    {},
    optional={
        "title": texts,
        "isbn": texts,
        "price": st.decimals(-99_999_999, 99_999_999, places=2),
        "published": st.none() | st.dates(),
        "data": json_values.filter(lambda value: value is not None),
        "cover": texts,
        "created": moments,
    },
)
EXOTIC = st.fixed_dictionaries(
    {},
    optional={
        "duration": st.none() | st.timedeltas(dt.timedelta(days=-999_999), dt.timedelta(days=999_999)),
        "blob": st.none() | st.binary(max_size=20),
        "ratio": st.none() | st.floats(),
        "at": st.none() | st.times(),
        "moment": st.none() | moments,
        "numbers": st.none() | st.lists(st.none() | st.integers(-(2**31), 2**31 - 1), max_size=3),
        "big": st.none() | st.integers(-(2**63), 2**63 - 1),
        "flag": st.none() | st.booleans(),
    },
)

#: A step of a history: values to set (creating the record where there is none), or None to delete it.
book_history = st.lists(st.none() | BOOK, min_size=1, max_size=8)
exotic_history = st.lists(st.none() | EXOTIC, min_size=1, max_size=8)

relaxed = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def live(model: Any, steps: list[dict[str, Any] | None]) -> list[tuple[Entry, Row | None]]:
    """Carry a history out; return its entries, with the row that each one left."""
    found = []
    for step in steps:
        seq = _sequence()
        records = model.objects.filter(pk=KEY)
        if step is None:
            records.delete()
        elif not records.update(**step or {"id": KEY}):
            model.objects.create(pk=KEY, **step)
        after = row(model(pk=KEY))
        found += [
            (entry, after) for entry in Entry.objects.filter(seq__gt=seq, model=model._meta.label_lower)
        ]
    return found


def _sequence() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM audit_plugin_entry_seq")
        return int(cursor.fetchone()[0])


def rolled_back(test: Callable[..., None]) -> Callable[..., None]:
    """Run each example of a property in a savepoint."""

    def run(*args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            test(*args, **kwargs)
            transaction.set_rollback(True)

    run.__name__ = test.__name__
    return run


def check_every_version(model: Any, steps: list[dict[str, Any] | None]) -> None:
    versions = live(model, steps)
    for entry, recorded in versions:
        if recorded is None:
            with pytest.raises(restore.RestoreError) as caught:
                restore.plan(Version(entry))
            assert caught.value.code == "not_yet"
            continue
        plan = restore.plan(Version(entry))
        assert plan.is_clean, [str(conflict.message) for conflict in plan.conflicts]
        with transaction.atomic():
            if not plan.is_empty:
                restore.apply(plan)
            assert row(model(pk=KEY)) == recorded
            transaction.set_rollback(True)


def check_undo_of_undo(model: Any, steps: list[dict[str, Any] | None]) -> None:
    versions = live(model, steps)
    if not versions:
        return
    entry, before = versions[-1]
    earlier = versions[-2][1] if len(versions) > 1 else None
    first = restore.apply(Undo(entry))
    assert row(model(pk=KEY)) == earlier
    restore.apply(Undo(first.entries[0]))
    assert row(model(pk=KEY)) == before


@relaxed
@given(book_history)
def test_every_version_of_a_book_comes_back_exactly(db: None, steps: list[dict[str, Any] | None]) -> None:
    rolled_back(check_every_version)(Book, steps)


@relaxed
@given(exotic_history)
def test_every_version_of_odd_values_comes_back_exactly(db: None, steps: list[dict[str, Any] | None]) -> None:
    rolled_back(check_every_version)(Exotic, steps)


@relaxed
@given(exotic_history)
def test_undo_of_undo_is_the_row_before(db: None, steps: list[dict[str, Any] | None]) -> None:
    rolled_back(check_undo_of_undo)(Exotic, steps)


#: What a request may do to a small library, by numbers of records.
numbers = st.integers(0, 3)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("save"), numbers, texts, st.none() | numbers),
        st.tuples(st.just("tag"), numbers, numbers),
        st.tuples(st.just("untag"), numbers, numbers),
        st.tuples(st.just("read"), numbers, numbers),
        st.tuples(st.just("delete book"), numbers),
        st.tuples(st.just("delete author"), numbers),
        st.tuples(st.just("delete tag"), numbers),
        st.tuples(st.just("rename tag"), numbers, numbers),
    ),
    min_size=1,
    max_size=12,
)


def act(action: tuple[Any, ...]) -> None:
    """Do one thing, as far as the records for it are there."""
    kind, number, *rest = action
    books, tags = Book.objects.filter(pk=KEY + number), Tag.objects.filter(pk=KEY + number)
    match kind:
        case "save":
            title, writer = rest
            if writer is not None:
                Author.objects.get_or_create(pk=KEY + writer, defaults={"name": title})
            values = {"title": title, "author_id": None if writer is None else KEY + writer}
            Book.objects.update_or_create(pk=KEY + number, defaults=values)
        case "tag" | "untag" if book := books.first():
            tag, _ = Tag.objects.get_or_create(pk=KEY + rest[0], defaults={"name": f"new {KEY + rest[0]}"})
            (book.tags.add if kind == "tag" else book.tags.remove)(tag)
        case "read" if book := books.first():
            reader, _ = Author.objects.get_or_create(pk=KEY + rest[0], defaults={"name": "reader"})
            Reading.objects.get_or_create(book=book, reader=reader, defaults={"stars": number})
        case "delete book":
            books.delete()
        case "delete author":
            Author.objects.filter(pk=KEY + number).delete()
        case "delete tag":
            tags.delete()
        case "rename tag":
            name = f"renamed {rest[0]}"
            if not Tag.objects.filter(name=name).exists():
                tags.update(name=name)


def library() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the library, links without keys of their own."""
    found = {}
    for model in (Author, Book, Tag, Reading, Book.tags.through):
        columns = [field.column for field in model._meta.local_fields]
        if model._meta.auto_created:
            columns.remove("id")
        names = ", ".join(f'"{column}"::text' for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}" ORDER BY {names}')
            found[model._meta.label] = cursor.fetchall()
    return found


def check_request(earlier: list[tuple[Any, ...]], done: list[tuple[Any, ...]]) -> None:
    for action in earlier:
        act(action)
    before, seq = library(), _sequence()
    with audit_plugin.context(actor="somebody", request_id="a request", name="a request"):
        for action in done:
            act(action)
    after, entries = library(), Entry.objects.filter(seq__gt=seq)
    if not entries.exists():
        return
    context = str(entries[0].context_id)
    plan = restore.plan(restore.Request(context))
    assert plan.is_clean, [str(conflict.message) for conflict in plan.conflicts]
    if plan.is_empty:
        assert before == after
        return
    with audit_plugin.context(actor="somebody", request_id="its restore", name="its restore"):
        result = restore.apply(plan)
    assert library() == before
    restore.apply(restore.Request(str(Entry.objects.get(pk=result.entries[0]).context_id)))
    assert library() == after


@relaxed
@given(actions, actions)
def test_undoing_a_request_is_as_if_it_had_not_been(
    db: None, earlier: list[tuple[Any, ...]], done: list[tuple[Any, ...]]
) -> None:
    rolled_back(check_request)(earlier, done)
