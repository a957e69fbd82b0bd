"""Recording semantic events for a client, where the host allows it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from audit_plugin.conf import settings
from audit_plugin.display.labels import model_of
from audit_plugin.events import record
from audit_plugin.events.writing import RESERVED
from audit_plugin.exceptions import EventError
from audit_plugin.history.subjects import to_key
from graphql_schema.errors import ApiError, Code, bad_input
from graphql_schema.ids import Kind, encode_id
from graphql_schema.spec import ID, JSON
from graphql_schema.viewer import Viewer

#: Longer texts are no keys or names.
MAX_LENGTH = 500


@dataclass(frozen=True)
class AuditEventInput:
    """Something that happened.

    Attributes:
        action: A dotted name, such as `photo.approved`.
        model: The label of the model of the record that it was done to.
        object_id: The key of that record.
        outcome: How it ended, for example `denied`.
        reason: Why, in somebody's words.
        details: Further facts: an object.
        idempotency_key: A name of your own for this event: when you send it again, it is not recorded again.
    """

    action: str
    model: str | None = None
    object_id: str | None = None
    outcome: str | None = None
    reason: str | None = None
    details: JSON | None = None
    idempotency_key: str | None = None


def record_event(viewer: Viewer, event: AuditEventInput) -> ID:
    """Record an event and return the id of its entry. Only actions that the host has opened to you.

    Args:
        event: What happened.
    """
    if not viewer.user.is_authenticated:
        raise ApiError(Code.UNAUTHENTICATED, _("Sign in first."))
    permission = settings.GRAPHQL_EVENTS.get(event.action)
    if permission is None or not (viewer.user.is_active and viewer.user.has_perm(permission)):
        raise ApiError(Code.FORBIDDEN, _("You may not record %(action)s.") % {"action": event.action})
    if wrong := _wrong(event):
        raise bad_input(**wrong)
    subject = None if event.model is None else _record(event.model, str(event.object_id))
    rest: dict[str, Any] = {name: getattr(event, name) for name in ("outcome", "reason", "details")}
    if event.idempotency_key:
        # What one person has named must not keep another's from being recorded.
        rest["idempotency_key"] = f"graphql:{viewer.user.pk}:{event.idempotency_key}"
    try:
        with viewer.acting():
            found = record(event.action, subject, **rest)
    except EventError as error:
        raise bad_input(event=str(error)) from None
    if found is None:
        raise bad_input(action=_("There is no such action."))
    return encode_id(Kind.ENTRY, found)


def _wrong(event: AuditEventInput) -> dict[str, str]:
    """Return what is wrong with an event, by field."""
    wrong = {
        name: _("This is too long.")
        for name, value in vars(event).items()
        if isinstance(value, str) and len(value) > MAX_LENGTH
    }
    if (event.model is None) != (event.object_id is None):
        wrong["objectId"] = _("Give `model` and `objectId`, or neither.")
    if event.details is not None and not isinstance(event.details, dict):
        wrong["details"] = _("Write it as an object.")
    elif event.details and RESERVED & set(event.details):
        wrong["details"] = _("These names are taken: %(names)s.") % {"names": ", ".join(sorted(RESERVED))}
    return wrong


def _record(label: str, key: str) -> Model:
    """Return the record that an event is about: its name in the log is not for clients to choose."""
    model = model_of(label.lower())
    found: Model | None = None
    with suppress(ValidationError):
        found = model._default_manager.filter(pk=to_key(model, key)).first() if model else None
    if found is None:
        raise bad_input(objectId=_("There is no such record."))
    return found
