"""Actors: what is kept of a user, so that the log can name them after they are renamed or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from audit_plugin.context import hooks
from audit_plugin.context.encode import clean_text

#: The longest label, address or name that is stored.
LABEL_LENGTH = 250


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `kind` is `user`, `service`, `system` or `anonymous`."""

    kind: str
    id: str | None = None
    label: str | None = None
    email: str | None = None


ANONYMOUS: Final = Actor("anonymous")
SYSTEM: Final = Actor("system")


def describe(who: Any) -> Actor:
    """Return the actor for a user object, the name of a service, or None for the system itself."""
    if isinstance(who, Actor):
        return who
    if who is None:
        return SYSTEM
    if isinstance(who, str):
        name = clean_text(who, LABEL_LENGTH)
        # The prefix keeps a service called "7" apart from the user with that key.
        return Actor("service", f"service:{name}", name)
    if not getattr(who, "is_authenticated", True):
        return ANONYMOUS
    label, key = _label(who), getattr(who, "pk", None)
    if key is None and getattr(who, "_meta", None) is None:
        # A client that signed in without being a user of the database (a machine, an API key).
        return Actor("service", f"service:{label}", label)
    kind = "service" if hooks.call("SERVICE_ACCOUNT", who) else "user"
    return Actor(kind, None if key is None else clean_text(key, LABEL_LENGTH), label, _email(who))


def _label(user: Any) -> str:
    label = hooks.call("ACTOR_LABEL", user)
    # A stand-in for a user need not have the methods of Django's, or may answer any name with None.
    for name in ("get_full_name", "get_username", "__str__"):
        method = None if label else getattr(user, name, None)
        if callable(method):
            label = method()
    return clean_text(label or "", LABEL_LENGTH)


def _email(user: Any) -> str | None:
    field = getattr(user, "get_email_field_name", None)
    email = getattr(user, field() if field else "email", None)
    return clean_text(email, LABEL_LENGTH) if email else None
