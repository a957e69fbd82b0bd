"""Who follows, and whether they still may: asked at the beginning, and again while a stream runs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

from django.conf import settings as django_settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from audit_plugin.feed.errors import FeedClosed
from audit_plugin.visibility import Scope, gate, may_view, scope_of


class Watch(Protocol):
    """Decides what somebody may see of the feed."""

    def look(self) -> Scope:
        """Return what they may see now. Called in a thread that may ask the database.

        Raises:
            FeedClosed: They may see nothing (any more).
        """


class RequestWatch:
    """Watches over the stream that answers a request.

    Who came by a session is looked up by it again, so that signing out, a new password or an expired session ends the stream.
    Whoever was authenticated by other means (a token, a proxy) is looked up by their key. In both cases what counts is
    what the database says of them now.

    Args:
        request: The request.
        authenticate: Tells who sent a request, where the host has its own way; then only that is asked, each time anew.
    """

    def __init__(
        self, request: HttpRequest, authenticate: Callable[[HttpRequest], Any] | None = None
    ) -> None:
        self.request = request
        self._authenticate = authenticate
        self._user_key: Any = None
        self._session_key: str | None = None

    def look(self) -> Scope:
        """Return what they may see now; see `Watch`."""
        user = self._user()
        if not user.is_authenticated:
            raise FeedClosed("UNAUTHENTICATED")
        # The gate, too, is asked about the user as they are now.
        self.request.user = user
        if not may_view(user):
            raise FeedClosed("FORBIDDEN")
        refusal = gate(self.request)
        if refusal is not None:
            raise FeedClosed("CLOSED", refusal.message, refusal.url)
        return scope_of(user)

    def _user(self) -> Any:
        if self._authenticate is not None:
            return self._authenticate(self.request) or AnonymousUser()
        if self._user_key is not None:
            return self._again()
        user = self.request.user
        if user.is_authenticated:
            self._user_key = user.pk
            self._session_key = self._session_of(user)
        return user

    def _session_of(self, user: Any) -> str | None:
        session = getattr(self.request, "session", None)
        if session is None or session.get(auth.SESSION_KEY) != user._meta.pk.value_to_string(user):
            return None
        key: str | None = session.session_key
        return key

    def _again(self) -> Any:
        if self._session_key is not None:
            user = self._of_session(self._session_key)
        else:
            user = auth.get_user_model()._default_manager.filter(pk=self._user_key).first()
        return user if user is not None and user.is_active else AnonymousUser()

    def _of_session(self, key: str) -> Any:
        """Return who a session belongs to by now. Like `auth.get_user`, but it leaves the session alone."""
        session = import_module(django_settings.SESSION_ENGINE).SessionStore(key)
        backend = session.get(auth.BACKEND_SESSION_KEY)
        if backend not in django_settings.AUTHENTICATION_BACKENDS:
            return None
        user = auth.load_backend(backend).get_user(self._user_key)
        if user is None or session.get(auth.SESSION_KEY) != user._meta.pk.value_to_string(user):
            return None
        known = session.get(auth.HASH_SESSION_KEY, "")
        hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
        return user if any(constant_time_compare(known, value) for value in hashes) else None
