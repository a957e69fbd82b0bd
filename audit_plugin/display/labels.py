"""Names of models, fields, actions, channels, actors and records."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin.conf import settings
from audit_plugin.models import Context, Entry

ACTIONS = {
    "create": gettext_lazy("Created"),
    "update": gettext_lazy("Updated"),
    "delete": gettext_lazy("Deleted"),
    "restore": gettext_lazy("Restored"),
    "truncate": gettext_lazy("Emptied"),
    "baseline": gettext_lazy("Baseline"),
}

CHANNELS = {
    "data": gettext_lazy("Data"),
    "auth": gettext_lazy("Sign-in"),
    "security": gettext_lazy("Security"),
    "pii-read": gettext_lazy("Personal data read"),
    "audit": gettext_lazy("Audit log"),
}


def model_of(label: str) -> type[Model] | None:
    """Return the model behind a label, also an earlier one; None where it no longer exists."""
    current = {old.lower(): new for old, new in settings.RENAMED_MODELS.items()}.get(label, label)
    try:
        return apps.get_model(current)
    except (LookupError, ValueError):
        return None


def model_label(label: str) -> str:
    """Return what a model is called: its verbose name, or the stored label where it no longer exists."""
    model = model_of(label)
    return capfirst(str(model._meta.verbose_name)) if model else label


def field_of(label: str, name: str) -> Field[Any, Any] | None:
    """Return a field of a model by its name or column; None where there is none (any more)."""
    model = model_of(label)
    if model is None:
        return None
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        columns = (field for field in model._meta.concrete_fields if field.column == name)
        return next(columns, None)
    return found if isinstance(found, Field) else None


def field_label(label: str, name: str) -> str:
    """Return what a field is called: its verbose name, or the stored name where it no longer exists."""
    field = field_of(label, name)
    return str(field.verbose_name) if field else name


def action_label(action: str) -> str:
    """Return what an action is called: `photo.approved` reads "Photo approved" unless the host names it."""
    if action in ACTIONS:
        return str(ACTIONS[action])
    return capfirst(action.replace(".", " ").replace("_", " ").replace("-", " "))


def channel_label(channel: str) -> str:
    """Return what a channel is called."""
    return (
        str(CHANNELS[channel])
        if channel in CHANNELS
        else capfirst(channel.replace("-", " ").replace("_", " "))
    )


def actor_label(context: Context | None) -> str:
    """Return what an actor was called at the time."""
    if context is None:
        return _("unknown")
    if context.actor_label:
        return context.actor_label
    if context.actor_kind == Context.ActorKind.SYSTEM:
        return _("System")
    return context.actor_id or str(Context.ActorKind(context.actor_kind).label)


def subject_label(entry: Entry) -> str:
    """Return what an entry is about: "Book Dune (4711)"; empty where there is no single record."""
    name = model_label(entry.model) if entry.model else ""
    if entry.object_repr and entry.object_repr != entry.object_id:
        return f"{name} {entry.object_repr} ({entry.object_id})".strip()
    return f"{name} {entry.object_id}".strip()
