from __future__ import annotations

import pghistory
from django.db import models

from tests.benchmarks.books import AnthologyBase, ChapterBase, NovelBase, TagBase, Volume


def trackers() -> tuple[pghistory.RowEvent, ...]:
    """Return a tracker for each operation; deletes are not recorded unless asked for."""
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()


@pghistory.track(*trackers())
class Book(Volume):
    pass


@pghistory.track(*trackers())
class Novel(NovelBase):
    pass


@pghistory.track(*trackers())
class Chapter(ChapterBase):
    novel = models.ForeignKey(Novel, models.CASCADE, related_name="chapters")


@pghistory.track(*trackers())
class Tag(TagBase):
    pass


@pghistory.track(*trackers())
class Anthology(AnthologyBase):
    tags = models.ManyToManyField(Tag)


# Its documentation tracks a proxy of this table, which needs migrations; the trigger is the same.
pghistory.track(
    pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, model_name="AnthologyTagEvent"
)(Anthology.tags.through)
