"""Why a feed ends before its reader wants it to."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit_plugin.exceptions import AuditError


class FeedClosed(AuditError):
    """This feed is closed.

    Attributes:
        code: `UNAUTHENTICATED`: nobody is signed in (any more); `FORBIDDEN`: they may not view the log (any more);
            `CLOSED`: the host's gate closed the log.
        message: What the person is told.
        url: Where the gate sends them, if anywhere.
    """

    def __init__(self, code: str, message: str | Promise | None = None, url: str | None = None) -> None:
        self.code = code
        self.message = message or MESSAGES[code]
        self.url = url
        super().__init__(str(self.message))


class FeedUnavailable(AuditError):
    """The log can't be read at the moment. Come back a little later, with the last cursor."""


MESSAGES = {
    "UNAUTHENTICATED": _("Sign in to follow the audit log."),
    "FORBIDDEN": _("You may not view the audit log."),
    "CLOSED": _("The audit log is closed."),
}
