"""Who an API's authenticator has found, where that isn't `request.user`: Django Ninja and others leave it in `request.auth`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import LazyObject, SimpleLazyObject

from audit_plugin.context import hooks
from audit_plugin.context.actors import ANONYMOUS

if TYPE_CHECKING:
    from django.http import HttpRequest


def acting(request: HttpRequest | None) -> Any:
    """Return the user a request has now, not yet looked up: truth and comparison would do that.

    Args:
        request: The request, if any.
    """
    user = getattr(request, "user", None)
    if request is not None and "auth" in request.__dict__ and not _is_known(user):
        client = _client(request)
        if client is not None:
            return client
    return ANONYMOUS if user is None else user


def _is_known(user: Any) -> bool:
    # Django REST framework sets the user as well, who is then more than a session's lazy one.
    return (
        user is not None
        and not issubclass(type(user), LazyObject)
        and bool(getattr(user, "is_authenticated", False))
    )


def _client(request: HttpRequest) -> Any:
    """Return whom `request.auth` stands for, the same object as long as it is the same; None if it doesn't say."""
    auth = request.__dict__["auth"]
    known = request.__dict__.get("_audit_client")
    if known is None or known[0] is not auth:
        known = request._audit_client = (auth, _behind(auth))  # type: ignore[attr-defined]
    return known[1]


def _behind(auth: Any) -> Any:
    # A token as text, or the claims in one, name nobody, and must not be stored as if they did.
    if auth is None or isinstance(auth, str | bytes | bool | int | float | dict | list | tuple):
        return None
    if issubclass(type(auth), LazyObject):
        return auth
    if (named := hooks.call("API_CLIENT", auth)) is not None:
        return named
    if getattr(auth, "is_authenticated", False):
        return auth
    if "user" in {field.name for field in getattr(getattr(auth, "_meta", None), "fields", ())}:
        # A token's user: read when somebody has to be named, as it may take a query.
        return SimpleLazyObject(lambda: auth.user or ANONYMOUS)
    return None
