"""Names of models, fields, actions, channels, actors and records, in the current language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_plugin import actions
from audit_plugin.conf import settings
from audit_plugin.models import Context, Entry

ACTIONS = {
    "create": gettext_lazy("Created"),
    "update": gettext_lazy("Updated"),
    "delete": gettext_lazy("Deleted"),
    "restore": gettext_lazy("Restored"),
    "truncate": gettext_lazy("Emptied"),
    "baseline": gettext_lazy("Baseline"),
    "audit.export_started": gettext_lazy("Audit log export started"),
    "audit.exported": gettext_lazy("Audit log export downloaded"),
    "audit.viewed": gettext_lazy("Audit log viewed"),
}

CHANNELS = {
    "data": gettext_lazy("Data"),
    "auth": gettext_lazy("Sign-in"),
    "security": gettext_lazy("Security"),
    "pii-read": gettext_lazy("Personal data read"),
    "audit": gettext_lazy("Audit log"),
}


#: What was looked up within `looking_up_once`.
_found: ContextVar[dict[tuple[Callable[[str], Any], str], Any] | None] = ContextVar(
    "audit_plugin_labels", default=None
)
P = TypeVar("P")


@contextmanager
def looking_up_once() -> Iterator[None]:
    """Let everything in a block look a name up, and translate it, only once: a page has the same few in every row."""
    before = _found.set({})
    try:
        yield
    finally:
        _found.reset(before)


def once(look_up: Callable[[str], P]) -> Callable[[str], P]:
    """Let a function of a name be called once for each name within `looking_up_once`."""

    @wraps(look_up)
    def known(name: str) -> P:
        found = _found.get()
        if found is None:
            return look_up(name)
        if (look_up, name) not in found:
            found[look_up, name] = look_up(name)
        answer: P = found[look_up, name]
        return answer

    return known


@once
def model_of(label: str) -> type[Model] | None:
    """Return the model behind a label, also an earlier one; None where it no longer exists."""
    if renamed := settings.RENAMED_MODELS:
        label = {old.lower(): new for old, new in renamed.items()}.get(label, label)
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


@once
def model_label(label: str) -> str:
    """Return what a model is called: its verbose name, or the stored label where it no longer exists."""
    model = model_of(label)
    return capfirst(str(model._meta.verbose_name)) if model else label


def field_of(label: str, name: str) -> Field[Any, Any] | None:
    """Return a field of a model by its name or column; None where there is none (any more)."""
    model = model_of(label)
    return field_in(model, name) if model is not None else None


#: A page asks for the same few fields hundreds of times, and the names that are no field's are the dear ones.
@lru_cache(maxsize=5000)
def field_in(model: type[Model], name: str) -> Field[Any, Any] | None:
    """Return a field of a model by its name or column; None where there is none (any more)."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return next((field for field in model._meta.concrete_fields if field.column == name), None)
    # Not the other side of a relation, which is no field of this model.
    return found if isinstance(found, Field) else None


def field_label(label: str, name: str) -> str:
    """Return what a field is called: its verbose name, or the stored name where it no longer exists."""
    field = field_of(label, name)
    return str(field.verbose_name) if field else name


def in_order(label: str, names: Iterable[str]) -> list[str]:
    """Return names of fields in the order of their model; those it no longer has come last."""
    model = model_of(label)
    order = places_in(model) if model is not None else {}
    return sorted(dict.fromkeys(names), key=lambda name: order.get(name, len(order)))


@lru_cache(maxsize=1000)
def places_in(model: type[Model]) -> Mapping[str, int]:
    """Return the places of a model's fields in their order, by name."""
    options = model._meta
    fields = (*options.concrete_fields, *options.many_to_many)
    return {field.name: place for place, field in enumerate(fields)}


@once
def action_label(action: str) -> str:
    """Return what an action is called: `photo.approved` reads "Photo approved" unless AUDIT_ACTIONS names it."""
    return _named(actions.given(action).get("label")) or _named(ACTIONS.get(action)) or _words(action)


@once
def channel_label(channel: str) -> str:
    """Return what a channel is called."""
    return _named(settings.CHANNELS.get(channel)) or _named(CHANNELS.get(channel)) or _words(channel)


def context_of(entry: Entry) -> Context | None:
    """Return an entry's context, None where it has been removed from the log."""
    try:
        return entry.context
    except Context.DoesNotExist:
        return None


def actor_label(context: Context | None) -> str:
    """Return what an actor was called at the time."""
    if context is None:
        return _("Unknown")
    if context.actor_label:
        return context.actor_label
    if context.actor_kind == Context.ActorKind.SYSTEM:
        return _("System")
    if context.actor_kind == Context.ActorKind.ANONYMOUS:
        return _("Anonymous")
    return context.actor_id or context.get_actor_kind_display()


def actor_phrase(context: Context | None) -> str:
    """Return an actor for a sentence: with the person behind an impersonated account."""
    label = actor_label(context)
    if context is None or not (context.impersonator_label or context.impersonator_id):
        return label
    impersonator = context.impersonator_label or context.impersonator_id
    return _("%(impersonator)s as %(actor)s") % {"impersonator": impersonator, "actor": label}


def subject_label(entry: Entry) -> str:
    """Return what an entry is about: "Book Dune (4711)"; empty where there is no single record."""
    parts = [model_label(entry.model) if entry.model else ""]
    if entry.object_repr and entry.object_repr != entry.object_id:
        parts.append(entry.object_repr)
        parts.append(f"({entry.object_id})" if entry.object_id else "")
    else:
        parts.append(entry.object_id)
    return " ".join(part for part in parts if part)


def _named(label: Any) -> str:
    # To ask a lazy text whether it is empty would be to translate it twice.
    return "" if label is None else str(label)


def _words(name: str) -> str:
    text = name
    for separator in ".-_":
        text = text.replace(separator, " ")
    return capfirst(text)
