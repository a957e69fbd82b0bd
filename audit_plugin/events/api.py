"""Signing in without a session: by a token that comes with each request, to an API.

No signal tells of it. What does: after the request its user is one that no session brought, or `request.auth` names one.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.utils.functional import LazyObject

from audit_plugin.conf import settings
from audit_plugin.context import hooks
from audit_plugin.context.clients import acting
from audit_plugin.context.hooks import report_once
from audit_plugin.events import signins
from audit_plugin.events.quiet import write_quietly

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

#: Who has been recorded lately by this process, so that most requests cost no query.
_lately: OrderedDict[Any, float] = OrderedDict()
REMEMBERED = 10_000

#: Headers that carry a key of an API beside `Authorization`.
HEADERS = {
    f"HTTP_{name.upper().replace('-', '_')}": name
    for name in ("X-API-Key", "X-API-Token", "X-Auth-Token", "X-Access-Token", "API-Key")
}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,19}) +\S")


def concerns(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Return whether a request may have signed in by itself, or failed to; asked of every request, so it has to be quick."""
    if not hooks.setting("SIGN_INS"):
        return False
    if response.status_code in (401, 403):
        return was_refused(request, response)
    user = acting(request)
    if issubclass(type(user), LazyObject):
        # The lazy user of a session is left alone: looking at it would be a query. A token's isn't.
        return user is not request.__dict__.get("user") and user is not request.__dict__.get("auth")
    if not (isinstance(user, str) or getattr(user, "is_authenticated", False)):
        return False
    return not _brought_by_session(request, user) and not _is_known(request, user)


def was_refused(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Return whether what a request came with was refused, and nobody has recorded that yet.

    Args:
        request: The request.
        response: Its response, 401 or 403.
    """
    if "_audit_failed" in request.__dict__ or method_of(request) is None:
        return False
    if response.status_code == 401:
        return True
    # REST framework says 403 where the first of its authenticators knows no header to ask by, as that of sessions doesn't.
    data = getattr(response, "data", None)
    detail = data.get("detail") if isinstance(data, dict) else None
    return getattr(detail, "code", None) in ("authentication_failed", "token_not_valid")


def method_of(request: HttpRequest) -> str | None:
    """Return how a request says who sends it, never with what: the scheme, or the name of the header. None if it doesn't.

    Args:
        request: The request.
    """
    given = request.META.get("HTTP_AUTHORIZATION")
    if given:
        scheme = _SCHEME.match(str(given))
        # Without a scheme the header is the token itself.
        return scheme[1] if scheme else "Authorization"
    return next((name for header, name in HEADERS.items() if request.META.get(header)), None)


def note(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record what `concerns` has found.

    Args:
        request: The request, with the user that its view found.
        response: The response.
    """
    try:
        _note(request, response)
    except Exception:
        report_once("api", "A sign-in to the API could not be recorded.")


def _note(request: HttpRequest, response: HttpResponseBase) -> None:
    method = method_of(request)
    if response.status_code in (401, 403):
        signins.fail(request, "", method=method or "")
        return
    user: Any = acting(request)
    if not isinstance(user, str):
        # Looked up here, where it may take a query.
        if not getattr(user, "is_authenticated", False) or _brought_by_session(request, user):
            return
        user = user._wrapped if issubclass(type(user), LazyObject) else user
    if _is_known(request, user):
        return
    _lately[_key(request, user)] = time.monotonic() + settings.SIGN_IN_WINDOW
    if len(_lately) > REMEMBERED:
        _lately.popitem(last=False)
    event = signins.about(
        user,
        "auth.token_used",
        within=float(settings.SIGN_IN_WINDOW),
        details={"method": method} if method else None,
    )
    write_quietly(event, actor=user)


def forget() -> None:
    """Forget who was recorded, for tests."""
    _lately.clear()


def _brought_by_session(request: HttpRequest, user: Any) -> bool:
    # Not through the session itself, which would note that it was looked at.
    session = getattr(getattr(request, "session", None), "_session_cache", None) or {}
    return SESSION_KEY in session and session[SESSION_KEY] == str(getattr(user, "pk", None))


def _is_known(request: HttpRequest, user: Any) -> bool:
    until = _lately.get(_key(request, user))
    return until is not None and time.monotonic() <= until


def _key(request: HttpRequest, user: Any) -> Any:
    # A client that is no user of the database has no key, but a name.
    return getattr(user, "pk", None) or str(user), request.META.get("REMOTE_ADDR")
