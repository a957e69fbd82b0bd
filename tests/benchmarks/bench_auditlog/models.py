from __future__ import annotations

from auditlog.registry import auditlog
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


for model in (Book, Novel, Chapter, Tag):
    auditlog.register(model)
auditlog.register(Anthology, m2m_fields={"tags"})
