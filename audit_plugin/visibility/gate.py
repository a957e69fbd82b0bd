"""The host's hook that may close the whole log."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise

from audit_plugin.conf import settings


@dataclass(frozen=True)
class Refusal:
    """Why the log is closed.

    Attributes:
        message: What the person is told.
        url: Where a page sends them, for example to choose a plan. None: the admin's index.
    """

    message: str | Promise
    url: str | None = None


def gate(request: HttpRequest) -> Refusal | None:
    """Return why the log is closed to a request, None where it is open. Pages, exports and API all ask.

    Args:
        request: The request, with its user.
    """
    hook = settings.hook("GATE")
    return hook(request) if hook else None
