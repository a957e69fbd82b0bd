"""Reading the user of a request when something is written, without changing what the host sees."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import SynchronousOnlyOperation
from django.utils.functional import LazyObject, empty

from audit_plugin.context.hooks import report_once

if TYPE_CHECKING:
    from django.http import HttpRequest

    from audit_plugin.context.frames import Frame


class Nobody:
    """Stands for a user that could not be, or must not yet be, looked up."""

    is_authenticated = False


NOBODY: Final = Nobody()

#: True while a user or a hook is being evaluated: what that writes or reads must not ask for the user again.
resolving: ContextVar[bool] = ContextVar("audit_plugin_resolving", default=False)


@contextmanager
def resolution() -> Iterator[bool]:
    """Mark a block in which host code is asked who is acting; yields whether it is the outermost one."""
    outermost = not resolving.get()
    token = resolving.set(True)
    try:
        yield outermost
    finally:
        resolving.reset(token)


def settled(who: Any) -> Any:
    """Return the user behind `who` as far as it is known without looking it up, else NOBODY."""
    if isinstance(who, LazyObject):
        wrapped = who.__dict__.get("_wrapped", empty)
        return NOBODY if wrapped is empty else wrapped
    return who


def peek(frame: Frame) -> tuple[Any, Any]:
    """Return what tells whether a request's user is still the same: the attribute, and what is behind it."""
    who = frame.user()
    return who, settled(who)


def look_up(who: Any, frame: Frame, statement: object = None) -> tuple[Any, bool]:
    """Return the user behind `who`, evaluating it if need be, and whether that is the last word.

    A lazy user that turns out to be anonymous, or can't be had, is left unevaluated: asking in the middle of
    a sign-in must not settle for the host that nobody is signed in.

    Args:
        who: A user, or the lazy object that will become one.
        frame: The frame the user acts in.
        statement: The SQL about to be run, if any.
    """
    user = settled(who)
    if user is not NOBODY:
        return user, True
    request = frame.request
    # Async code asks through request.auser(), which keeps its answer in a place of its own.
    known = None
    if request is not None and who is request.__dict__.get("user"):
        known = request.__dict__.get("_acached_user")
    if known is not None:
        return known, True
    issued = frame.memo.issued
    if issued.refused is who:
        return NOBODY, True
    if resolving.get() or _saves_session(request, statement):
        return NOBODY, False
    user = _evaluate(who, request)
    if user is None:
        return NOBODY, False
    if not getattr(user, "is_authenticated", True):
        issued.refused = who
    return user, True


def _evaluate(who: Any, request: HttpRequest | None) -> Any:
    session = getattr(request, "session", None)
    accessed = getattr(session, "accessed", None)
    cached = request is not None and "_cached_user" in request.__dict__
    user = None
    try:
        with resolution():
            user = _force(who)
    except Exception:
        report_once("user", "The request's user could not be read; the entry is written as anonymous.")
    finally:
        if accessed is False:
            # Our look must not add `Vary: Cookie` to a page that doesn't depend on who reads it.
            session.accessed = False  # type: ignore[union-attr]
    if user is None or not getattr(user, "is_authenticated", True):
        who._wrapped = empty
        if request is not None and not cached:
            with suppress(AttributeError):
                del request._cached_user  # type: ignore[attr-defined]
    return user


def _force(who: Any) -> Any:
    try:
        bool(who.is_authenticated)
    except SynchronousOnlyOperation:
        # On the event loop, when a task is sent from an async view: Django refuses queries there.
        with ThreadPoolExecutor(1) as executor:
            executor.submit(copy_context().run, _force_in_thread, who).result()
    return settled(who)


def _force_in_thread(who: Any) -> None:
    from django.db import connections

    try:
        bool(who.is_authenticated)
    finally:
        connections.close_all()


def _saves_session(request: HttpRequest | None, statement: object) -> bool:
    """Return whether the session itself is being written, in the middle of which it can't be relied on.

    Reading the user now could end an outdated session, and the save around it would then fail.
    """
    model = getattr(getattr(request, "session", None), "model", None)
    return model is not None and isinstance(statement, str) and f'"{model._meta.db_table}"' in statement
