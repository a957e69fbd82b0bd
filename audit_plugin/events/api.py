"""Signing in without a session: by a token that comes with each request, to an API.

No signal tells of it. What does: after the request its user is one that no session brought.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.utils.functional import LazyObject

from audit_plugin.conf import settings
from audit_plugin.context import hooks
from audit_plugin.events import signins
from audit_plugin.events.quiet import write_quietly

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

#: Who has been recorded lately by this process, so that most requests cost no query.
_lately: OrderedDict[Any, float] = OrderedDict()
REMEMBERED = 10_000


def concerns(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Return whether a request may have signed in by itself, or failed to; asked of every request, so it has to be quick."""
    if not hooks.setting("SIGN_INS"):
        return False
    if response.status_code == 401:
        return "HTTP_AUTHORIZATION" in request.META
    user = request.__dict__.get("user")
    # The lazy user of a session is left alone: looking at it would be a query.
    if user is None or issubclass(type(user), LazyObject):
        return False
    if not getattr(user, "is_authenticated", False) or SESSION_KEY in _session(request):
        return False
    until = _lately.get(_key(request, user))
    return until is None or time.monotonic() > until


def note(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record what `concerns` has found.

    Args:
        request: The request, with the user that its view found.
        response: The response.
    """
    if response.status_code == 401:
        scheme = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")[0][:20]
        signins.fail(request, "", method=scheme)
        return
    user: Any = request.user
    _lately[_key(request, user)] = time.monotonic() + settings.SIGN_IN_WINDOW
    if len(_lately) > REMEMBERED:
        _lately.popitem(last=False)
    if getattr(user, "pk", None) is None:
        return
    event = signins.about(user, "auth.token_used", within=float(settings.SIGN_IN_WINDOW))
    write_quietly(event, actor=user)


def forget() -> None:
    """Forget who was recorded, for tests."""
    _lately.clear()


def _session(request: HttpRequest) -> Any:
    # Not through the session itself, which would note that it was looked at.
    return getattr(getattr(request, "session", None), "_session_cache", None) or {}


def _key(request: HttpRequest, user: Any) -> Any:
    return getattr(user, "pk", None), request.META.get("REMOTE_ADDR")
