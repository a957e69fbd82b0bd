"""Authors, books and tags, recorded by the log that is installed, as its documentation says."""

from __future__ import annotations

from django.conf import settings
from django.db import models

if settings.PEER == "simple_history":
    from simple_history.models import HistoricalRecords


class Tag(models.Model):
    name = models.CharField(max_length=50)

    if settings.PEER == "simple_history":
        history = HistoricalRecords()


class Author(models.Model):
    name = models.CharField(max_length=100)

    if settings.PEER == "simple_history":
        history = HistoricalRecords()


class Book(models.Model):
    title = models.CharField(max_length=200)
    isbn = models.CharField(max_length=20, unique=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, default=10)
    author = models.ForeignKey(Author, models.CASCADE, null=True, related_name="books")
    tags = models.ManyToManyField(Tag)
    updated = models.DateTimeField(auto_now=True)

    if settings.PEER == "simple_history":
        history = HistoricalRecords(m2m_fields=[tags])


if settings.PEER == "reversion":
    import reversion

    reversion.register(Tag)
    reversion.register(Book)
    reversion.register(Author, follow=["books"])

if settings.PEER == "pghistory":
    import pghistory

    for model in (Tag, Author, Book):
        pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(model)
    pghistory.track(
        pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, model_name="BookTagEvent"
    )(Book.tags.through)
