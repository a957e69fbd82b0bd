from __future__ import annotations

import reversion
from django.db import models

from tests.benchmarks.books import AnthologyBase, ChapterBase, NovelBase, TagBase, Volume


@reversion.register()
class Book(Volume):
    pass


@reversion.register()
class Novel(NovelBase):
    pass


@reversion.register()
class Chapter(ChapterBase):
    novel = models.ForeignKey(Novel, models.CASCADE, related_name="chapters")


@reversion.register()
class Tag(TagBase):
    pass


@reversion.register()
class Anthology(AnthologyBase):
    tags = models.ManyToManyField(Tag)
