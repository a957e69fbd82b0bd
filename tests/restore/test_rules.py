"""Rules of the database and of the models that a restored row breaks: named, with the other record where there is one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from audit_plugin import restore
from audit_plugin.restore import Choice, Undo
from tests.restore.conftest import Refused, last, row
from tests.restore.factories import organisation, person, session
from tests.testapp.models import Book, Tag

pytestmark = pytest.mark.django_db


def test_duplicate_names_the_constraint_and_the_record(db: None, refused: Refused) -> None:
    Tag.objects.create(name="a")
    Tag.objects.update(name="b")
    entry = last(model="testapp.tag")
    holder = Tag.objects.create(name="a")
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.details["holder"]) == ("duplicate", str(holder.pk))
    assert conflict.details["constraint"].startswith("testapp_tag_name")
    assert refused(Undo(entry)).code == "conflicts"


def test_duplicate_of_an_expression_gives_the_words_of_the_model(db: None) -> None:
    ann = person()
    type(ann).objects.update(email="new@example.com")
    entry = last(ann)
    holder = person(email="ANN@example.com")
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.details["holder"]) == ("duplicate", str(holder.pk))
    assert "Somebody in this organisation" in str(conflict.message)


def test_duplicate_of_a_partial_index(db: None) -> None:
    from sample_project.assets.models import Asset, Category, Loan

    asset = Asset.objects.create(
        inventory_number="1", name="A", category=Category.objects.create(name="c", code="c"), price=1
    )
    ann, day = person(), dt.date(2026, 1, 1)
    loan = Loan.objects.create(asset=asset, borrower=ann, due_on=day)
    Loan.objects.update(returned_at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    entry = last(loan)
    other = Loan.objects.create(asset=asset, borrower=ann, due_on=day)
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.details["holder"]) == ("duplicate", str(other.pk))


def test_protected(db: None, refused: Refused) -> None:
    place = organisation()
    created = last(model="people.organisation", operation="I")
    session()
    [conflict] = restore.plan(Undo(created)).conflicts
    assert (conflict.code, conflict.choices) == ("protected", (Choice.KEEP,))
    assert conflict.details["referrers"]["studio.photosession"]["count"] == 1
    assert refused(Undo(created), resolutions={"protected": "cascade"}).code == "conflicts"
    assert row(place) is not None


def test_check_failed_gives_the_words_of_the_model(db: None) -> None:
    photos = session()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE studio_photosession DROP CONSTRAINT studio_session_in_order")
        cursor.execute("UPDATE studio_photosession SET ends_at = starts_at - interval '1 day'")
    type(photos).objects.update(ends_at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    entry = last(photos)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE studio_photosession ADD CONSTRAINT studio_session_in_order CHECK (ends_at > starts_at)"
        )
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert conflict.code == "check_failed"
    assert "A session has to end after it starts." in str(conflict.message)


def test_not_null(db: None) -> None:
    book = Book.objects.create(title="a", published=None)
    Book.objects.update(published=dt.date(2026, 1, 1))
    entry = last(book)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE testapp_book ALTER published SET NOT NULL")
    [conflict] = restore.plan(Undo(entry)).conflicts
    assert (conflict.code, conflict.field) == ("not_null", "published")


def test_validation_is_a_choice(db: None) -> None:
    from sample_project.people.models import Tag as Label

    label = Label.objects.create(name="a", colour="blurple")
    Label.objects.update(colour="#607d8b")
    entry = last(label)
    assert restore.plan(Undo(entry)).is_clean
    [conflict] = restore.plan(Undo(entry), validate=True).conflicts
    assert conflict.code == "validation" and "Write it like #607d8b." in str(conflict.message)
    assert row(label)['"colour"::text'] == "#607d8b"
