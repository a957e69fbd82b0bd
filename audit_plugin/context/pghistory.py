"""Both ways between django-pghistory's context and ours.

In: what host code says through `pghistory.context(...)` reaches our entries. pghistory keeps it per
thread, so tasks on one event loop see each other's; here it is kept per task, and without the wrapper that
pghistory puts on the default connection only. Out: pghistory's own event tables, where there are any,
learn who is acting from us.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from pghistory import config, runtime
from psycopg import ClientCursor
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Composable, Composed

from audit_plugin.context.actors import LABEL_LENGTH, Actor
from audit_plugin.context.encode import clean_text
from audit_plugin.context.frames import Frame, foreign

if TYPE_CHECKING:
    from audit_plugin.context.resolve import Resolved

# What may share a query string with the SELECT that tells pghistory; VACUUM, CREATE INDEX CONCURRENTLY …
# may not.
_TELLABLE = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|WITH|SELECT)\b", re.IGNORECASE)


# The task that entered pghistory's context; a task it started must not change that context in place.
_task: ContextVar[int | None] = ContextVar("audit_plugin_pghistory_task", default=None)

_installed = False


_SETTING = SQL(
    "SELECT set_config('pghistory.context_id', {}, true), set_config('pghistory.context_metadata', {}, true)"
)


class Tracker:
    """Takes the place of pghistory's `threading.local`: the same attribute, kept per task."""

    @property
    def value(self) -> Any:
        value = foreign.get()
        if value is None:
            raise AttributeError("value")
        here = _this_task()
        if here is not None and here != _task.get():
            value = value._replace(metadata=dict(value.metadata))
            foreign.set(value)
            _task.set(here)
        return value

    @value.setter
    def value(self, value: Any) -> None:
        foreign.set(value)
        _task.set(_this_task())

    @value.deleter
    def value(self) -> None:
        # Not a token's reset: pghistory may leave its context in another thread than it entered it.
        foreign.set(None)


def _this_task() -> int | None:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # not on an event loop
        return None
    return None if task is None else id(task)


def merge(frame: Frame, outside: Any, actor: Actor) -> tuple[Actor, Mapping[str, Any]]:
    """Return actor and metadata of pghistory's context and ours together, the inner one winning."""
    metadata = dict(outside.metadata)
    user = metadata.get("user")
    if user is not None and not _named_inside(frame, outside, user):
        del metadata["user"]
        key = clean_text(user, LABEL_LENGTH)
        if actor.kind != "user" or actor.id != key:
            actor = Actor("user", key)
    if user is None:
        metadata.pop("user", None)
    if frame.request is not None and metadata.get("url") == frame.request.path:
        del metadata["url"]
    return actor, metadata | dict(frame.metadata)


def _named_inside(frame: Frame, outside: Any, user: Any) -> bool:
    return frame.named_at == (outside.id, user)


def listening() -> bool:
    """Return whether anything in the database may want to know what pghistory's settings say."""
    return _installed and (foreign.get() is not None or _has_event_models())


def telling(execute: Callable[..., Any], who: Resolved, text: str) -> Callable[..., Any]:
    """Return `execute` so that pghistory's own triggers learn who is acting."""
    return partial(_tell, execute, who) if _TELLABLE.match(text) else execute


def _tell(
    execute: Callable[..., Any], who: Resolved, sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    cursor = context["cursor"].cursor
    connection = cursor.connection
    if connection.info.transaction_status == TransactionStatus.INERROR:
        return execute(sql, params, many, context)
    context_id, metadata = _message(who)
    setting = _SETTING.format(str(context_id), metadata)
    if many or not isinstance(cursor, ClientCursor):
        # One statement only may be sent here. In autocommit the setting would be over before the statement
        # begins, and pghistory's event stays without a context, as it does without us.
        if not connection.autocommit:
            with connection.cursor() as teller:
                teller.execute(setting)
        return execute(sql, params, many, context)
    first = f"{setting.as_string(connection)}; "
    if params is not None:
        first = first.replace("%", "%%")
    result = execute(_prefixed(first, sql), params, many, context)
    cursor.nextset()
    return result


def _prefixed(first: str, sql: Any) -> Any:
    if isinstance(sql, bytes):
        return first.encode() + sql
    if isinstance(sql, Composable):
        return Composed([SQL(first), sql])
    return first + sql


def _message(who: Resolved) -> tuple[UUID, str]:
    """Return the id and the metadata pghistory stores; what the host itself said comes first."""
    outside = foreign.get()
    actor = who.actor
    key: object = actor.id if actor.kind == "user" else None
    if isinstance(key, str) and key.isdecimal():
        key = int(key)  # as pghistory's middleware has it, which its proxy fields cast
    metadata = {name: who.columns.get(name) for name in ("source", "name", "request_id")}
    metadata = {"user": key, "actor": actor.label, "url": who.columns.get("url"), **metadata}
    if outside is not None:
        metadata |= {name: value for name, value in outside.metadata.items() if value is not None}
    else:
        metadata |= who.columns["metadata"]
    return (outside or who)[0], json.dumps(metadata, cls=config.json_encoder())


@lru_cache(maxsize=1)
def _has_event_models() -> bool:
    if not apps.is_installed("pghistory"):
        return False
    from pghistory.models import Event

    return any(issubclass(model, Event) for model in apps.get_models())


def _pass_through(execute: Callable[..., Any], *args: Any) -> Any:
    return execute(*args)


def install() -> None:
    """Let pghistory keep its context per task, and leave telling the database about it to us."""
    global _installed
    _has_event_models.cache_clear()
    runtime._tracker = Tracker()  # type: ignore[assignment]
    runtime._inject_history_context = _pass_through  # type: ignore[assignment]
    _installed = True
