"""The models that every contestant writes: the same columns, made concrete in an app of each contestant's own."""

from __future__ import annotations

from django.db import models


class Volume(models.Model):
    """Twelve columns, the key included, of the types that business tables have."""

    title = models.CharField(max_length=200)
    isbn = models.CharField(max_length=20)
    author = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    pages = models.IntegerField()
    published = models.DateField()
    in_print = models.BooleanField(default=True)
    rating = models.FloatField()
    attributes = models.JSONField(default=dict)
    summary = models.TextField()
    created = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class NovelBase(Volume):
    """A volume that another table depends on."""

    class Meta:
        abstract = True


class ChapterBase(models.Model):
    """A row that gets a foreign key `novel`."""

    number = models.IntegerField()
    heading = models.CharField(max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.heading


class TagBase(models.Model):
    """The other end of `tags`."""

    name = models.CharField(max_length=50)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class AnthologyBase(Volume):
    """A volume that gets a many-to-many field `tags`."""

    class Meta:
        abstract = True
