"""Every way of writing a row is recorded, with before and after."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F

from tests.conftest import Log, log_since_now
from tests.testapp.models import Author, Book, Category

pytestmark = pytest.mark.django_db


def execute(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)


def copy_in() -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY testapp_author (name, api_token) FROM STDIN") as copy,
    ):
        copy.write_row(("Herbert", ""))
        copy.write_row(("Le Guin", ""))


def merge() -> None:
    execute(
        """MERGE INTO testapp_author a USING (VALUES ('Ann', 'Anna'), ('Ben', NULL), ('Cy', 'Cyn')) v (name, renamed)
        ON a.name = v.name
        WHEN MATCHED AND v.renamed IS NULL THEN DELETE
        WHEN MATCHED THEN UPDATE SET name = v.renamed
        WHEN NOT MATCHED THEN INSERT (name, api_token) VALUES (v.renamed, '')"""
    )


def upsert(**options: object) -> Callable[[], object]:
    def write() -> object:
        ann = Author.objects.get(name="Ann")
        return Author.objects.bulk_create(
            [Author(id=ann.id, name="Anna"), Author(name="Dee")], unique_fields=["id"], **options
        )

    return write


#: What is there before each write: two authors, Ann and Ben; each row: how it is written, and what the log then says.
WRITES: dict[str, tuple[Callable[[], object], list[tuple[str, object, object]]]] = {
    "save, new": (lambda: Author(name="Dee").save(), [("create", None, "Dee")]),
    "save, changed": (lambda: rename(Author.objects.get(name="Ann")), [("update", "Ann", "Anna")]),
    "save, unchanged": (lambda: Author.objects.get(name="Ann").save(), []),
    "save, update_fields": (
        lambda: rename(Author.objects.get(name="Ann"), update_fields=["name"]),
        [("update", "Ann", "Anna")],
    ),
    "update_or_create": (
        lambda: Author.objects.update_or_create(name="Ann", defaults={"name": "Anna"}),
        [("update", "Ann", "Anna")],
    ),
    "delete": (lambda: Author.objects.get(name="Ann").delete(), [("delete", "Ann", None)]),
    "bulk_create": (
        lambda: Author.objects.bulk_create([Author(name="Dee"), Author(name="Eve")]),
        [("create", None, "Dee"), ("create", None, "Eve")],
    ),
    "bulk_create, conflicts updated": (
        upsert(update_conflicts=True, update_fields=["name"]),
        [("create", None, "Dee"), ("update", "Ann", "Anna")],
    ),
    "bulk_create, conflicts ignored": (upsert(ignore_conflicts=True), [("create", None, "Dee")]),
    "bulk_update": (
        lambda: Author.objects.bulk_update(
            [Author(id=a.id, name=a.name * 2) for a in Author.objects.order_by("name")], ["name"]
        ),
        [("update", "Ann", "AnnAnn"), ("update", "Ben", "BenBen")],
    ),
    "queryset update": (
        lambda: (
            Author.objects.update(name=F("name")) and Author.objects.filter(name="Ann").update(name="Anna")
        ),
        [("update", "Ann", "Anna")],
    ),
    "queryset delete": (
        lambda: Author.objects.filter(name__in=["Ann", "Ben"]).delete(),
        [("delete", "Ann", None), ("delete", "Ben", None)],
    ),
    "raw SQL": (
        lambda: execute("UPDATE testapp_author SET name = 'Anna' WHERE name = 'Ann'"),
        [("update", "Ann", "Anna")],
    ),
    "raw SQL, data-modifying CTE": (
        lambda: execute(
            "WITH gone AS (DELETE FROM testapp_author WHERE name = 'Ben' RETURNING name) "
            "INSERT INTO testapp_author (name, api_token) SELECT name || '!', '' FROM gone"
        ),
        [("create", None, "Ben!"), ("delete", "Ben", None)],
    ),
    "COPY": (copy_in, [("create", None, "Herbert"), ("create", None, "Le Guin")]),
    "MERGE": (merge, [("create", None, "Cyn"), ("delete", "Ben", None), ("update", "Ann", "Anna")]),
    "TRUNCATE": (
        lambda: execute("TRUNCATE testapp_author CASCADE"),
        [("delete", "Ann", None), ("delete", "Ben", None), ("truncate", None, None)],
    ),
}


def rename(author: Author, **options: object) -> None:
    author.name = "Anna"
    author.save(**options)


@pytest.mark.parametrize(("write", "expected"), WRITES.values(), ids=WRITES)
def test_write_is_recorded_with_before_and_after(
    write: Callable[[], object], expected: list[tuple[str, object, object]], db: None
) -> None:
    Author.objects.bulk_create([Author(name="Ann"), Author(name="Ben")])
    log = log_since_now()
    write()
    found = [
        (
            entry.action,
            *next(((c.old, c.new) for c in entry.field_changes if c.field == "name"), (None, None)),
        )
        for entry in log(model="testapp.author")
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_statement_that_fails_records_nothing(log: Log) -> None:
    with pytest.raises(Exception, match="name"), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        try:
            cursor.execute("INSERT INTO testapp_author (name, api_token) VALUES ('Ann', ''), (NULL, '')")
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT before")
    assert log() == []


def test_cascade_records_every_row_it_takes_along(log: Log) -> None:
    author = Author.objects.create(name="Herbert")
    Book.objects.create(title="Dune", author=author)
    author.delete()
    assert {entry.model for entry in log(action="delete")} == {"testapp.book", "testapp.author"}


def test_cascade_through_a_self_reference(log: Log) -> None:
    root = Category.objects.create(name="root")
    Category.objects.create(name="leaf", parent=root)
    root.delete()
    assert {entry.object_repr for entry in log(action="delete")} == {"root", "leaf"}


def test_entry_of_a_creation_holds_the_whole_row(log: Log) -> None:
    Book.objects.create(title="Dune", isbn="978", price=Decimal("9.50"), data={"pages": [1, 2]})
    [entry] = log()
    assert entry.changes.keys() == {
        "id",
        "title",
        "isbn",
        "author",
        "price",
        "published",
        "data",
        "cover",
        "created",
    }
    assert entry.changes["price"] == 9.5
    assert entry.changes["data"] == {"pages": [1, 2]}


def test_entry_of_an_update_holds_only_what_changed(log: Log) -> None:
    book = Book.objects.create(title="Dune")
    book.price = Decimal("9.50")
    book.save()
    assert log(action="update")[0].changes == {"price": [0, 9.5]}


def test_change_of_excluded_fields_alone_writes_nothing(log: Log) -> None:
    book = Book.objects.create(title="Dune")
    Book.objects.filter(pk=book.pk).update(views=F("views") + 1)
    assert log(action="update") == []


def test_name_of_a_record_is_stored_as_it_was(log: Log) -> None:
    book = Book.objects.create(title="Dune", isbn="1")
    book.title = "Dune Messiah"
    book.save()
    book.delete()
    assert [entry.object_repr for entry in log()] == ["Dune (1)", "Dune Messiah (1)", "Dune Messiah (1)"]


def test_many_rows_of_one_statement_keep_their_order(log: Log) -> None:
    Author.objects.bulk_create([Author(name=f"{number:04}") for number in range(1000)])
    entries = log()
    assert [entry.object_repr for entry in sorted(entries, key=lambda entry: entry.id)] == [
        f"{number:04}" for number in range(1000)
    ]


def test_ids_are_version_7_and_agree_with_the_time(log: Log) -> None:
    Author.objects.create(name="Ann")
    [entry] = log()
    assert (entry.id.version, entry.id.variant) == (7, "specified in RFC 4122")
    assert entry.id.int >> 80 == int(entry.occurred_at.timestamp() * 1000)


def test_bulk_update_after_single_saves_on_one_connection_keeps_its_plan(log: Log) -> None:
    """A plan cached for one row would join 3,000 rows by nested loops: minutes."""
    Author.objects.bulk_create([Author(name=str(number)) for number in range(3000)])
    for author in Author.objects.all()[:20]:
        author.name += "!"
        author.save()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30s'")
        cursor.execute("UPDATE testapp_author SET name = name || '?'")
    assert len(log(action="update")) == 3020


def test_truncate_says_how_many_rows_it_removed(log: Log) -> None:
    Author.objects.bulk_create([Author(name=str(number)) for number in range(3)])
    execute("TRUNCATE testapp_author CASCADE")
    [entry] = log(action="truncate", model="testapp.author")
    assert entry.details == {"rows": 3}
