"""What is kept of a request. All of it comes from outside: nothing may raise, and secrets are masked."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from audit_plugin.context import hooks
from audit_plugin.context.actors import LABEL_LENGTH
from audit_plugin.context.addresses import client_address
from audit_plugin.context.encode import clean_text
from audit_plugin.context.frames import LIVE, Frame, current
from audit_plugin.context.ids import uuid7

if TYPE_CHECKING:
    from django.http import HttpRequest

URL_LENGTH = 2000
USER_AGENT_LENGTH = 500
MASK = "***"

#: Parameters of a URL that grant access although their name is no field's: OAuth, signed links, sessions.
URL_SECRETS = frozenset({"code", "key", "sig", "signature", "auth", "jwt", "session", "sessionid", "ticket"})

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def request_frame(request: HttpRequest) -> Frame:
    """Return the frame of a request. It takes over nothing from the frame around it."""
    return Frame(
        parent=current(),
        request=request,
        actor=LIVE,
        impersonator=LIVE,
        tenant=LIVE,
        request_id=request_id(request),
    )


def request_id(request: HttpRequest) -> str:
    """Return the id a proxy gave the request, if it looks like one, else a new id."""
    # Not request.headers, which reads all of them.
    header = hooks.setting("REQUEST_ID_HEADER").upper().replace("-", "_")
    given = request.META.get(f"HTTP_{header}")
    return given if given and _REQUEST_ID.fullmatch(given) else str(uuid7())


def facts(request: HttpRequest) -> dict[str, Any]:
    """Return the columns that describe the request."""
    source, name = route(request)
    return {
        "source": source,
        "name": name,
        "url": url(request),
        "method": clean_text(request.method or "", 16),
        "ip": client_address(request.META, hooks.setting("TRUSTED_PROXIES")),
        "user_agent": clean_text(request.META.get("HTTP_USER_AGENT") or "", USER_AGENT_LENGTH),
    }


def route(request: HttpRequest) -> tuple[str, str | None]:
    """Return source and name of the view, as far as the URL has been resolved yet."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return "web", None
    view, name = match.func, clean_text(match.view_name, LABEL_LENGTH)
    source = getattr(view, "audit_source", None)
    if isinstance(source, str) and source:
        return clean_text(source, LABEL_LENGTH), name
    if "admin" in match.app_names or hasattr(view, "admin_site"):
        return "admin", name
    view_class = getattr(view, "view_class", None)
    if view_class is not None and any("GraphQL" in base.__name__ for base in view_class.__mro__):
        return "graphql", name
    return "web", name


def url(request: HttpRequest) -> str:
    """Return path and query string, the values of parameters that look secret masked in both."""
    path = request.path
    match = getattr(request, "resolver_match", None)
    for name, value in getattr(match, "kwargs", {}).items():
        if value and is_secret(name):
            path = path.replace(str(value), MASK)
    query = str(request.META.get("QUERY_STRING") or "")
    if query:
        path = f"{path}?{'&'.join(_masked(pair) for pair in query.split('&'))}"
    return clean_text(path, URL_LENGTH)


def is_secret(name: str) -> bool:
    """Return whether a parameter of this name holds something that must not be stored."""
    return _is_secret(name, tuple(hooks.setting("SECRETS")))


@lru_cache(maxsize=1024)
def _is_secret(name: str, secrets: tuple[str, ...]) -> bool:
    words = "_".join(_WORDS.findall(name)).lower()
    return not URL_SECRETS.isdisjoint(words.split("_")) or any(
        f"_{secret}_" in f"_{words}_" for secret in secrets
    )


def _masked(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={MASK}" if equals and is_secret(unquote_plus(name)) else pair
