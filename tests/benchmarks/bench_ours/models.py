from __future__ import annotations

from django.db import models

from tests.benchmarks.books import AnthologyBase, ChapterBase, NovelBase, TagBase, Volume


class Book(Volume):
    pass


class Novel(NovelBase):
    pass


class Chapter(ChapterBase):
    novel = models.ForeignKey(Novel, models.CASCADE, related_name="chapters")


class Tag(TagBase):
    pass


class Anthology(AnthologyBase):
    tags = models.ManyToManyField(Tag)
