"""Records as events name them: by model, key, and what they are called now."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.functional import LazyObject

from audit_plugin.context.encode import clean_text
from audit_plugin.context.hooks import setting

logger = logging.getLogger("audit_plugin")

#: The key in `Entry.details` of the further records, and of what joins an event to the changes made inside it.
RELATED = "related"
GROUP = "_event"


@dataclass(frozen=True)
class Reference:
    """A record, also one that is gone.

    Attributes:
        model: The label of its model in lower case.
        object_id: Its key as text.
        name: What it is called.
    """

    model: str = ""
    object_id: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        # As people write it: a key that is a number, a label as `AUDIT_MODELS` has it. Entries are found by what they hold.
        if not self.model.islower():
            object.__setattr__(self, "model", self.model.lower())
        if not isinstance(self.object_id, str):
            object.__setattr__(self, "object_id", str(self.object_id))

    @classmethod
    def of(cls, record: Any) -> Reference:
        """Return the reference to a record, or what is given if it is one already.

        A record that is not saved has no key, or one that leads nowhere yet: `is_saved` tells.
        """
        if isinstance(record, Reference):
            return record
        if isinstance(record, LazyObject):
            record = record._wrapped if record.pk is not None else record
        return cls(record._meta.concrete_model._meta.label_lower, key_of(record), name_of(record))

    def as_json(self) -> dict[str, str]:
        """Return what is stored in an event's details."""
        # Without the name: whoever sees the event need not be allowed to see the record.
        return {"model": self.model, "id": clean_text(self.object_id)}


def key_of(record: models.Model) -> str:
    """Return a record's key as entries hold it; empty where it has none yet."""
    if record.pk is None:
        return ""
    return json.dumps(list(record.pk)) if isinstance(record.pk, tuple) else str(record.pk)


def name_of(record: models.Model) -> str:
    """Return what a record is called. Naming it may fail, or want what isn't there; the event doesn't."""
    try:
        return str(record)
    except Exception:
        logger.exception("A %s can't be named.", record._meta.label)
        return ""


def is_saved(record: Any) -> bool:
    """Return whether a record is in its table, as far as it knows itself."""
    if isinstance(record, Reference):
        # Without a key it stands for all records of a model.
        return bool(record.model)
    return record.pk is not None and not record._state.adding


def declared(record: Any) -> Iterator[Reference]:
    """Yield the records that `AUDIT_RELATED` says a record brings along.

    Args:
        record: An event's subject, or the acting user.
    """
    given = setting("RELATED")
    if not given or not isinstance(record, models.Model):
        return
    paths = {label.lower(): paths for label, paths in given.items()}
    for path in paths.get(record._meta.label_lower, ()):
        target = _follow(record, path)
        if isinstance(target, models.Model) and target.pk is not None:
            yield Reference.of(target)


def all_related(given: Iterable[Any], *bringing: Any) -> list[Reference]:
    """Return the references to the given records and those brought along, each once.

    Args:
        given: Records that the event names.
        *bringing: Records whose declared foreign keys are followed.
    """
    found = [Reference.of(record) for record in given]
    if not found and not setting("RELATED"):
        return []
    for record in bringing:
        found += declared(record)
    unique: dict[tuple[str, str], Reference] = {}
    for reference in found:
        unique.setdefault((reference.model, reference.object_id), reference)
    return [*unique.values()]


def _follow(record: models.Model, path: str) -> Any:
    target: Any = record
    for name in path.split("__"):
        try:
            target = getattr(target, name)
        except (ObjectDoesNotExist, AttributeError):
            return None
        if target is None:
            return None
    return target
