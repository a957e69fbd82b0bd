"""What happens to an event that was given wrongly: an error at once in development, elsewhere a line in the server's log.

In production an event never undoes the work it is about: as much of it is recorded as can be.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings as django_settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from audit_plugin import actions
from audit_plugin.actions import Action, placeholders
from audit_plugin.conf import settings
from audit_plugin.context.encode import clean_json
from audit_plugin.context.hooks import setting
from audit_plugin.events.references import Reference, is_saved
from audit_plugin.events.writing import RESERVED
from audit_plugin.exceptions import ConfigurationError, EventError

logger = logging.getLogger("audit_plugin")

#: More records than this an event doesn't concern; a list of thousands belongs into events of their own.
MOST_RELATED = 50


def strict() -> bool:
    """Return whether wrong events are errors here."""
    chosen = settings.STRICT_EVENTS
    return django_settings.DEBUG if chosen is None else chosen


def refuse(message: str, *values: Any) -> None:
    """Raise an error in development, log it elsewhere.

    Raises:
        EventError: Where `AUDIT_STRICT_EVENTS` says so.
    """
    if strict():
        raise EventError(message % values)
    logger.error(message, *values, stack_info=True)


def action_of(name: str | Action, channel: str | None) -> Action | None:
    """Return the action that was asked for; an undeclared one is refused, None if even its name can't be used."""
    if isinstance(name, Action):
        try:
            actions.declare(name)
        except ConfigurationError as error:
            refuse("%s", error)
            return name
        name = name.name
    if not isinstance(name, str):
        refuse("An action is named by a text, not by %r.", name)
        return None
    try:
        found = actions.find(name)
    except ConfigurationError as error:
        refuse("%s", error)
        found = None
    if found is not None:
        return found
    near = actions.nearest(name)
    refuse(
        "There is no action %r.%s Declare it in AUDIT_ACTIONS or with audit_plugin.declare().",
        name,
        f" Did you mean {near!r}?" if near else "",
    )
    return Action(name, channel=channel or "data") if actions.NAME.fullmatch(name) else None


def checked_record(action: str, record: Any) -> Any:
    """Return what an event is done to, or what is left of it; what is not saved is refused, as no history would show it."""
    if record is None:
        return None
    if isinstance(record, type) and issubclass(record, models.Model):
        # All records of a model.
        return Reference(record._meta.label)
    if not isinstance(record, Reference | models.Model):
        refuse(
            "%s can be recorded for a saved record or a Reference to one, not for a %s.",
            action,
            type(record).__name__,
        )
        return Reference(name=record if isinstance(record, str) else type(record).__name__)
    if not is_saved(record):
        refuse(
            "%s can't be recorded for a %s that has not been saved.",
            action,
            getattr(getattr(record, "_meta", None), "label", "record"),
        )
    return record


def checked_records(action: str, records: Any, what: str = "related") -> list[Any]:
    """Return several records that can be recorded; see `checked_record`. What is none is left out.

    Args:
        action: The action.
        records: The records; a single one, or something else that is no list of them, is refused.
        what: The name of the argument.
    """
    if records is None:
        return []
    if isinstance(records, Reference | models.Model | str | Mapping) or not isinstance(records, Iterable):
        refuse("%s: %s are several records, not a %s.", action, what, type(records).__name__)
        records = [records] if isinstance(records, Reference | models.Model) else []
    checked = [checked_record(action, record) for record in records]
    return [record for record in checked if isinstance(record, models.Model) or (record and record.model)]


def checked_related(action: str, references: list[Reference]) -> list[Reference]:
    """Return as many of the further records as an event may name."""
    if len(references) > MOST_RELATED:
        refuse(
            "%s concerns %d records beside its own: %d at most. Record an event for each, with record_many().",
            action,
            len(references),
            MOST_RELATED,
        )
    return references[:MOST_RELATED]


def check_sentence(action: Action, details: Mapping[str, Any], also: Iterable[str] = ()) -> None:
    """Refuse a sentence that names what the event doesn't say."""
    if action.sentence is None:
        return
    try:
        missing = placeholders(str(action.sentence), action.name) - actions.WORDS - set(details) - set(also)
    except ConfigurationError as error:
        refuse("%s", error)
        return
    if missing:
        refuse(
            "The sentence of %s names %s, which its details don't have.",
            action.name,
            ", ".join(sorted(missing)),
        )


def checked_details(action: str, details: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return details that can be stored: as they are, or what is left of them."""
    if not details:
        return {}
    if not isinstance(details, Mapping):
        refuse("The details of %s are a mapping, not a %s.", action, type(details).__name__)
        details = {"details": details}
    kept = dict(details)
    if taken := sorted(RESERVED & set(kept)):
        refuse(
            "The details of %s can't have %s: give it as an argument of its own.", action, ", ".join(taken)
        )
        kept = {f"{key}_" if key in taken else key: value for key, value in kept.items()}
    try:
        text = json.dumps(kept, cls=DjangoJSONEncoder, allow_nan=False)
    except (TypeError, ValueError) as error:
        refuse("The details of %s are no JSON: %s", action, error)
        kept = clean_json(kept, length=setting("DETAILS_LIMIT"))
        text = json.dumps(kept)
    if len(text) > setting("DETAILS_LIMIT"):
        refuse(
            "The details of %s are %d characters long; AUDIT_DETAILS_LIMIT is %d.",
            action,
            len(text),
            setting("DETAILS_LIMIT"),
        )
        return {"truncated": sorted(str(key)[:250] for key in kept)[:100], "length": len(text)}
    return kept
