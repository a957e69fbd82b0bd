from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from tests.benchmarks.books import AnthologyBase, ChapterBase, NovelBase, TagBase, Volume


class Book(Volume):
    history = HistoricalRecords()


class Novel(NovelBase):
    history = HistoricalRecords()


class Chapter(ChapterBase):
    novel = models.ForeignKey(Novel, models.CASCADE, related_name="chapters")
    history = HistoricalRecords()


class Tag(TagBase):
    history = HistoricalRecords()


class Anthology(AnthologyBase):
    tags = models.ManyToManyField(Tag)
    history = HistoricalRecords(m2m_fields=[tags])
