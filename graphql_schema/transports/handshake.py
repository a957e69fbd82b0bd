"""The handshake of a WebSocket as a request, with its session and user."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language_from_request

SECURE = {"wss": "https", "ws": "http"}


def request_of(scope: dict[str, Any]) -> HttpRequest:
    """Return a request that stands for a WebSocket. Django's middleware doesn't see it, so what it would add is added here.

    Args:
        scope: The connection, as ASGI describes it.
    """
    scheme = SECURE.get(scope.get("scheme", "ws"), "http")
    request = ASGIRequest({**scope, "type": "http", "method": "GET", "scheme": scheme}, io.BytesIO())
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request.user = SimpleLazyObject(lambda: auth.get_user(request))  # type: ignore[assignment]
    request.LANGUAGE_CODE = get_language_from_request(request)
    # What a client hands in on connecting, for AUDIT_GRAPHQL_USER.
    request.connection_params = {}  # type: ignore[attr-defined]
    return request
