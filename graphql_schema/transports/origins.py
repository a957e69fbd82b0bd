"""Which pages may open a WebSocket: browsers send cookies with it from anywhere, and ask nobody."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.http import is_same_domain


def is_allowed(request: HttpRequest) -> bool:
    """Return whether a WebSocket may be opened: from a page of the same host, or of `CSRF_TRUSTED_ORIGINS`.

    Without an `Origin` it is no browser that asks, and so nobody else's cookies that are sent.

    Args:
        request: The handshake.
    """
    try:
        host = request.get_host()
    except DisallowedHost:
        return False
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None:
        return True
    if origin == f"{'https' if request.is_secure() else 'http'}://{host}":
        return True
    try:
        given = urlsplit(origin)
    except ValueError:
        return False
    return any(
        _trusts(trusted, origin, given.scheme, given.netloc) for trusted in settings.CSRF_TRUSTED_ORIGINS
    )


def _trusts(trusted: str, origin: str, scheme: str, netloc: str) -> bool:
    """Return whether an entry of `CSRF_TRUSTED_ORIGINS` means an origin; `https://*.example.com` means all below."""
    if "*" not in trusted:
        return origin == trusted
    wanted = urlsplit(trusted)
    return scheme == wanted.scheme and is_same_domain(netloc, wanted.netloc.lstrip("*"))
