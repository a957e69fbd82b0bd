"""Invitations: somebody sends a link to set a password by to an account that nobody has signed in to yet.

No signal tells of it. What does: Django's generator makes a token for that account while somebody else is acting.
Who asks for a new password of their own is not signed in, so that is none.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db.models import Model

from audit_plugin.context import hooks
from audit_plugin.context.resolve import resolved
from audit_plugin.events.quiet import write_quietly
from audit_plugin.events.references import Reference
from audit_plugin.events.writing import Event

ACTION, CHANNEL = "security.user_invited", "security"
MARK = "audit_plugin"

#: A mail may hold its link twice, and is one invitation.
WITHIN = 60.0


def install() -> None:
    """Watch the generator that Django and most libraries make such links with. Safe to call twice."""
    if not hasattr(PasswordResetTokenGenerator.make_token, MARK):
        generator: Any = PasswordResetTokenGenerator
        generator.make_token = _watching(generator.make_token)


def _watching(original: Any) -> Any:
    @wraps(original)
    def make_token(self: Any, user: Any, *args: Any, **kwargs: Any) -> Any:
        token = original(self, user, *args, **kwargs)
        try:
            if hooks.setting("SIGN_INS") and _is_invited(user):
                _write(user)
        except Exception:
            hooks.report_once("invitation", "An invitation could not be recorded.")
        return token

    setattr(make_token, MARK, True)
    return make_token


def _is_invited(user: Any) -> bool:
    if not isinstance(user, Model) or user.pk is None or getattr(user, "last_login", True) is not None:
        return False
    actor = resolved().actor
    return actor.kind != "anonymous" and actor.id != str(user.pk)


def _write(user: Any) -> None:
    subject = Reference.of(user)
    # Without the address: the host may leave it out of what is recorded.
    write_quietly(Event(ACTION, CHANNEL, subject.model, subject.object_id, subject.name, within=WITHIN))
