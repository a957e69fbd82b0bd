"""From a frame to who is acting right now, under which context id, ready to be sent with a statement."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from audit_plugin.context import encode, hooks, pghistory, process, users
from audit_plugin.context.actors import ANONYMOUS, LABEL_LENGTH, SYSTEM, Actor, describe
from audit_plugin.context.encode import clean_text
from audit_plugin.context.frames import LIVE, Frame, Issued, current, foreign
from audit_plugin.context.ids import uuid7
from audit_plugin.context.request import facts

#: Seconds after which a context gets a new id. A process may run for months, and its context is kept only
#: as long as the entries of the month it was made in.
LIFETIME = 24 * 60 * 60

#: Identities remembered under one request, task or command.
REMEMBERED = 256


class Resolved(NamedTuple):
    """Who is acting, and the comment that says so; the last fields tell when it no longer holds."""

    context_id: UUID
    actor: Actor
    impersonator: Actor | None
    tenant: str | None
    columns: Mapping[str, Any]
    body: str
    comment: str
    until: float
    user: tuple[Any, Any]
    match: object
    outside: Any
    outside_metadata: Mapping[str, Any] | None


def resolved(statement: object = None) -> Resolved:
    """Return who is acting at this moment.

    Args:
        statement: The SQL about to be run, if any.
    """
    frame = current() or process.frame()
    last = frame.memo.last
    if last is not None and _holds(last, frame):
        return last
    return _resolve(frame, statement)


def _holds(last: Resolved, frame: Frame) -> bool:
    if time.monotonic() > last.until:
        return False
    outside = foreign.get()
    if outside is not last.outside or (outside is not None and outside.metadata != last.outside_metadata):
        return False
    if frame.request is None:
        return True
    if getattr(frame.request, "resolver_match", None) is not last.match:
        return False
    if frame.actor is LIVE:
        who, user = users.peek(frame)
        if who is not last.user[0] or user is not last.user[1]:
            return False
    return frame.tenant is not LIVE or _tenant(frame) == last.tenant


def _resolve(frame: Frame, statement: object) -> Resolved:
    outside = foreign.get()
    actor, final = _actor(frame, statement)
    metadata = frame.metadata
    if outside is not None:
        actor, metadata = pghistory.merge(frame, outside, actor)
    impersonator, tenant = _impersonator(frame), _tenant(frame)
    columns = {
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_label": actor.label,
        "actor_email": actor.email,
        "impersonator_id": impersonator and impersonator.id,
        "impersonator_label": impersonator and impersonator.label,
        "executor": frame.executor and clean_text(frame.executor, LABEL_LENGTH),
        "request_id": frame.request_id and clean_text(frame.request_id, LABEL_LENGTH),
        **_origin(frame),
        "event_id": frame.event and str(frame.event),
        "metadata": _metadata(metadata),
    }
    content = encode.content_json(columns)
    context_id, until = _issue(frame.memo.issued, content)
    body = encode.encode(context_id, actor.id, tenant, frame.restored_from, content)
    result = Resolved(
        context_id=context_id,
        actor=actor,
        impersonator=impersonator,
        tenant=tenant,
        columns=columns,
        body=body,
        comment=encode.comment(body),
        until=until,
        user=users.peek(frame),
        match=getattr(frame.request, "resolver_match", None),
        outside=outside,
        outside_metadata=None if outside is None else dict(outside.metadata),
    )
    if final and not users.resolving.get():
        frame.memo.last = result
    return result


def _actor(frame: Frame, statement: object) -> tuple[Actor, bool]:
    """Return the actor, and whether the answer may be kept."""
    who = frame.actor
    if who is LIVE:
        who = frame.user()
    elif who is None:
        return SYSTEM, True
    user, final = users.look_up(who, frame, statement)
    if user is users.NOBODY:
        return ANONYMOUS, final
    with users.resolution():
        try:
            return describe(user), final
        except Exception:
            hooks.report_once(
                "actor", "The acting user can't be described; the entry is written as anonymous."
            )
            return ANONYMOUS, False


def _impersonator(frame: Frame) -> Actor | None:
    who = frame.impersonator
    with users.resolution() as outermost:
        if who is LIVE:
            who = _asked_impersonator(frame.request) if outermost else None
        try:
            return None if who is None else describe(who)
        except Exception:
            hooks.report_once(
                "impersonator", "The impersonator can't be described; the entry is written without."
            )
            return None


#: Set by `contrib.hijack`: returns the person behind a request whose user is impersonated, or None.
impersonator_of: Callable[[Any], Any] | None = None


def _asked_impersonator(request: Any) -> Any:
    if hooks.setting("IMPERSONATOR") is not None:
        return hooks.call("IMPERSONATOR", request)
    return None if impersonator_of is None else impersonator_of(request)


def _tenant(frame: Frame) -> str | None:
    """Return the tenant; the hook is asked at every write, since a request may work for several."""
    tenant = frame.tenant
    if tenant is LIVE:
        if hooks.setting("TENANT") is None:
            return None
        with users.resolution() as outermost:
            tenant = hooks.call("TENANT", frame.request) if outermost else None
    return None if tenant is None else clean_text(tenant, LABEL_LENGTH)


def _origin(frame: Frame) -> dict[str, Any]:
    try:
        origin = {} if frame.request is None else facts(frame.request)
    except Exception:
        hooks.report_once("request", "The request can't be described; the entry is written without it.")
        origin = {"source": "web"}
    for column, value in (("source", frame.source), ("name", frame.name)):
        if value:
            origin[column] = clean_text(value, LABEL_LENGTH)
    return origin


def _metadata(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    if not metadata:
        return {}
    try:
        return encode.metadata_json(metadata)
    except Exception:
        hooks.report_once(
            "metadata", "The metadata of a context can't be stored; the entry is written without it."
        )
        return {}


def _issue(issued: Issued, content: str) -> tuple[UUID, float]:
    """Return the id of the context with this content, and until when it may be used."""
    now = time.monotonic()
    known = issued.by_content.get(content)
    if known is None or now > known[1]:
        if len(issued.by_content) >= REMEMBERED:
            issued.by_content.clear()
        known = issued.by_content[content] = (uuid7(), now + LIFETIME)
    return known
