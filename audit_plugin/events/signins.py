"""Signing in and out, and failing to: from Django's signals, which every way to sign in with a session sends."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from functools import wraps
from threading import Timer
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core import mail
from django.db import connections
from django.db.models import Model
from django.db.models.signals import post_save

from audit_plugin.conf import settings
from audit_plugin.context import hooks
from audit_plugin.context.actors import ANONYMOUS
from audit_plugin.context.addresses import client_address
from audit_plugin.context.encode import clean_text
from audit_plugin.context.frames import current
from audit_plugin.context.request import is_secret
from audit_plugin.context.resolve import resolved
from audit_plugin.context.scope import context
from audit_plugin.events.quiet import write_quietly
from audit_plugin.events.references import Reference
from audit_plugin.events.throttle import Throttle
from audit_plugin.events.writing import Event

CHANNEL = "auth"
ACCOUNT_LENGTH = 150
#: Marks an account whose password has been taken away, until it is saved.
UNSET = "_audit_password_unset"

#: After how many seconds failures are told that were too many to be recorded one by one.
TELL_AFTER = 60.0

#: Functions that are asked whether a request only seems to sign in, as when somebody begins to impersonate.
seeming: list[Callable[[Any], bool]] = []


def install() -> None:
    """Listen to Django's signals. Safe to call twice."""
    user_logged_in.connect(_on_login, dispatch_uid="audit_plugin")
    user_logged_out.connect(_on_logout, dispatch_uid="audit_plugin")
    user_login_failed.connect(_on_failure, dispatch_uid="audit_plugin")
    base: Any = AbstractBaseUser
    if not hasattr(base.set_unusable_password, UNSET):
        base.set_unusable_password = _watching(base.set_unusable_password)
    # Proxies of the user model, and models that extend it, send signals of their own.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            post_save.connect(_on_save, sender=model, dispatch_uid="audit_plugin.password")


def _on_login(request: Any = None, user: Any = None, **kwargs: Any) -> None:
    if settings.SIGN_INS and user is not None and not any(seems(request) for seems in seeming):
        write_quietly(about(user, "auth.login", details=_method(user)), actor=user)


def _on_logout(request: Any = None, user: Any = None, **kwargs: Any) -> None:
    if settings.SIGN_INS and user is not None:
        write_quietly(about(user, "auth.logout"), actor=user)


def _on_failure(credentials: Mapping[str, Any] | None = None, request: Any = None, **kwargs: Any) -> None:
    if settings.SIGN_INS:
        fail(request, _account(credentials or {}))


def fail(request: Any, account: str, **details: Any) -> None:
    """Record a failed sign-in, unless there are too many.

    Args:
        request: The request it came with, if any.
        account: The account that was tried, never a password.
        **details: Further facts.
    """
    # Code that authenticates by itself often has no request to give; the current one knows the address.
    own = getattr(current(), "request", None)
    if own is not None:
        own._audit_failed = True
    meta = getattr(request or own, "META", None) or {}
    address = client_address(meta, hooks.setting("TRUSTED_PROXIES")) if meta else None
    counted = failures.count(
        (account, address), settings.SIGN_IN_FAILURES, settings.SIGN_IN_FAILURES_PER_MINUTE
    )
    if counted is None:
        return
    _write_failure(account, *counted, **details)


def _write_failure(account: str, number: int, held: int, **details: Any) -> None:
    details = {"account": account or "\N{EN DASH}", **details}
    details |= {name: value for name, value in (("attempt", number), ("not_recorded", held)) if value}
    subject = _find(account)
    write_quietly(
        Event(
            "auth.login_failed",
            CHANNEL,
            subject.model,
            subject.object_id,
            subject.name,
            outcome="failure",
            details=details,
        ),
        # The view's transaction may be rolled back because of it.
        durable=True,
    )


def tell_held() -> None:
    """Record how many failures have not been recorded one by one, so that an attack that stops is known in full."""
    for kind, number, held in failures.take():
        account, address = kind or ("", None)
        with context(actor=ANONYMOUS):
            _write_failure(account, number, held, **({"address": str(address)} if address else {}))


def _tell_later() -> None:
    # Not in tests, which find what they have written themselves. Django's runners put an outbox there.
    if hasattr(mail, "outbox"):
        return
    # Also when the process ends before that.
    atexit.unregister(tell_held)
    atexit.register(tell_held)
    timer = Timer(TELL_AFTER, _tell_and_close)
    timer.daemon = True
    timer.start()


def _tell_and_close() -> None:
    try:
        tell_held()
    finally:
        connections.close_all()


failures = Throttle(on_held=_tell_later)


def _on_save(
    instance: Any, created: bool = False, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    # Set by set_password() until it is saved; a hash that is only brought up to date on signing in isn't.
    changed = getattr(instance, "_password", None) is not None
    removed = UNSET in instance.__dict__ and not changed
    if not (changed or removed) or raw or (update_fields is not None and "password" not in update_fields):
        return
    instance.__dict__.pop(UNSET, None)
    if created or not settings.SIGN_INS:
        return
    own = resolved().actor.id == str(instance.pk)
    action = "auth.password_changed" if own else "auth.password_reset"
    write_quietly(about(instance, "auth.password_removed" if removed else action))


def _watching(original: Any) -> Any:
    @wraps(original)
    def set_unusable_password(self: Any, *args: Any, **kwargs: Any) -> Any:
        done = original(self, *args, **kwargs)
        self.__dict__[UNSET] = True
        return done

    setattr(set_unusable_password, UNSET, True)
    return set_unusable_password


def about(user: Any, action: str, **given: Any) -> Event:
    """Return an event about an account.

    Args:
        user: The account.
        action: The action.
        **given: Further attributes of the event.
    """
    # A client of an API need not be a user of the database: a service, or somebody whom only a token knows.
    subject = Reference.of(user) if isinstance(user, Model) else Reference()
    return Event(action, CHANNEL, subject.model, subject.object_id, subject.name, **given)


def _method(user: Any) -> dict[str, str] | None:
    backend = getattr(user, "backend", None)
    return {"backend": str(backend).rpartition(".")[2]} if backend else None


def _account(credentials: Mapping[str, Any]) -> str:
    """Return what somebody gave as their name. Django has masked passwords and tokens; only names are looked at."""
    for name in (get_user_model().USERNAME_FIELD, "username", "email", "login", "account"):
        value = credentials.get(name)
        if value and not is_secret(name):
            return clean_text(value, ACCOUNT_LENGTH)
    return ""


def _find(account: str) -> Reference:
    """Return the account of that name, so that its history shows who tried it."""
    if not account:
        return Reference()
    try:
        return Reference.of(get_user_model()._default_manager.get_by_natural_key(account))
    except Exception:
        # There is none, or the user model knows no such names: either way it is no account that could be named.
        return Reference()
