"""Somebody looked at a record of personal data: who, when, on which page; never what they saw.

Detail pages only: a list shows many, and nobody in particular.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from typing import Any

from asgiref.sync import sync_to_async
from django.core.signals import setting_changed
from django.db import connections, models

from audit_plugin.capture.registry import resolve
from audit_plugin.conf import settings
from audit_plugin.context import hooks
from audit_plugin.context.frames import current
from audit_plugin.events import policy
from audit_plugin.events.quiet import write_quietly
from audit_plugin.events.references import Reference, all_related
from audit_plugin.events.writing import Event
from audit_plugin.exceptions import ConfigurationError

ACTION = "pii.read"
CHANNEL = "pii-read"


def is_personal(model: type[models.Model]) -> bool:
    """Return whether `AUDIT_PERSONAL` names a model. Asked on every page: where the setting is empty it costs next to nothing.

    Args:
        model: The model; a proxy counts as the model with the table.
    """
    named = hooks.setting("PERSONAL")
    if not named:
        return False
    try:
        return model._meta.concrete_model in personal_models(named)
    except ConfigurationError:
        # A system check says so before anything is served; no page is to break over it.
        hooks.report_once("personal", "AUDIT_PERSONAL can't be read; looks at records are not recorded.")
        return False


def personal_models(named: Sequence[str]) -> frozenset[Any]:
    """Return the models that names as in `AUDIT_PERSONAL` mean.

    Raises:
        ConfigurationError: One names nothing.
    """
    return _personal(tuple(named))


@lru_cache(maxsize=8)
def _personal(named: tuple[str, ...]) -> frozenset[Any]:
    wanted = {model for name in named if not name.startswith("-") for model in resolve(name)}
    unwanted = {model for name in named if name.startswith("-") for model in resolve(name[1:])}
    return frozenset(model._meta.concrete_model for model in wanted - unwanted)


def record_read(obj: Any, *, reason: str | None = None, using: str | None = None) -> None:
    """Record that somebody looks at a record. The viewer, their address and the page are those of the context.

    The same viewer's looking at the same record counts once in `AUDIT_READ_WINDOW` seconds. Nothing that goes wrong with it
    reaches the page.

    Args:
        obj: The record, or a `Reference` to one; whether or not `AUDIT_PERSONAL` names its model.
        reason: Why, where the page asks for it.
        using: The database alias; by default where entries are written.

    Raises:
        EventError: In development: nobody says who is looking (no request, no `audit_plugin.context`), or the record isn't saved.
    """
    if current() is None:
        policy.refuse(
            "%s without a request or an audit_plugin.context(): nobody could say who looked.", "record_read()"
        )
    obj = policy.checked_record(ACTION, obj)
    subject = Reference() if obj is None else Reference.of(obj)
    if not subject.object_id:
        if not isinstance(obj, models.Model):
            policy.refuse("record_read() takes one record, not %r.", obj)
        return
    event = Event(
        ACTION,
        CHANNEL,
        subject.model,
        subject.object_id,
        subject.name,
        reason=reason,
        related=policy.checked_related(ACTION, all_related((), obj)),
        within=float(settings.READ_WINDOW),
        # A page isn't to wait for it.
        lazy=True,
    )
    if _on_event_loop():
        policy.refuse("record_read() in async code blocks it: await arecord_read() in its place.")
        with ThreadPoolExecutor(1) as executor:
            executor.submit(copy_context().run, _write_in_thread, event, using).result()
        return
    write_quietly(event, using=using)


def _on_event_loop() -> bool:
    # As Django has it: notebooks say that queries on their loop are meant.
    if os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE"):
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _write_in_thread(event: Event, using: str | None) -> None:
    try:
        write_quietly(event, using=using)
    finally:
        connections.close_all()


async def arecord_read(obj: Any, *, reason: str | None = None, using: str | None = None) -> None:
    """Record that somebody looks at a record, from async code; see `record_read`."""
    await sync_to_async(record_read)(obj, reason=reason, using=using)


def note(obj: Any) -> None:
    """Record a look at a record if its model is declared personal; what the ready-made hooks call.

    Args:
        obj: Anything that a page shows; only a model's saved instance counts.
    """
    if (
        isinstance(obj, models.Model)
        and is_personal(type(obj))
        and obj.pk is not None
        and not obj._state.adding
    ):
        record_read(obj)


def _forget(setting: str, **kwargs: Any) -> None:
    if setting in ("AUDIT_PERSONAL", "INSTALLED_APPS"):
        _personal.cache_clear()


setting_changed.connect(_forget, dispatch_uid="audit_plugin.reads")
