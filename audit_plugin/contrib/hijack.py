"""django-hijack: every entry names both the account and the person behind it.

Nothing needs to be set where hijack is installed; a hook of your own in `AUDIT_IMPERSONATOR` goes first.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DatabaseError
from hijack.signals import hijack_ended, hijack_started
from hijack.views import AcquireUserView, ReleaseUserView

from audit_plugin.context import resolve
from audit_plugin.context.actors import Actor
from audit_plugin.context.scope import context
from audit_plugin.events import signins
from audit_plugin.events.quiet import write_quietly


def install() -> None:
    """Listen to its signals, and know who is behind a hijacked account. Safe to call twice."""
    hijack_started.connect(_on_start, dispatch_uid="audit_plugin")
    hijack_ended.connect(_on_end, dispatch_uid="audit_plugin")
    resolve.impersonator_of = impersonator
    if changes_user not in signins.seeming:
        signins.seeming.append(changes_user)


def impersonator(request: Any) -> Any:
    """Return the person who hijacked the account that a request acts for, None where it is its own.

    Args:
        request: The request.
    """
    # Not through the session itself, which would note that it was looked at and make the page depend on cookies.
    session = getattr(getattr(request, "session", None), "_session_cache", None) or {}
    history = session.get("hijack_history")
    if not history:
        return None
    known = request.__dict__.get("_audit_hijacker")
    if known is None:
        try:
            known = get_user_model()._default_manager.filter(pk=history[0]).first()
        except (DatabaseError, SynchronousOnlyOperation):
            known = None
        # Without their name they can still be told by their key.
        known = request._audit_hijacker = known or Actor("user", str(history[0]))
    return known


def changes_user(request: Any) -> bool:
    """Return whether a request begins or ends to hijack: it signs in, but nobody comes or goes."""
    view = getattr(getattr(getattr(request, "resolver_match", None), "func", None), "view_class", None)
    return isinstance(view, type) and issubclass(view, AcquireUserView | ReleaseUserView)


def _on_start(hijacker: Any = None, hijacked: Any = None, **kwargs: Any) -> None:
    _write("auth.impersonation_started", hijacker, hijacked)


def _on_end(hijacker: Any = None, hijacked: Any = None, **kwargs: Any) -> None:
    _write("auth.impersonation_ended", hijacker, hijacked)


def _write(action: str, hijacker: Any, hijacked: Any) -> None:
    # Whoever the request's user is at this moment, it is the person who does it.
    with context(actor=hijacker):
        write_quietly(signins.about(hijacked, action))
