"""The rule itself, as a scope that every read path turns into the same conditions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import get_permission_codename

from audit_plugin.conf import settings
from audit_plugin.finder import EntryQuerySet
from audit_plugin.models import Entry
from audit_plugin.rollup.conditions import Wanted

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class Scope:
    """What of the log somebody sees.

    Attributes:
        models: The labels of the only models whose entries they see; None: those of all models.
        hidden: The labels of models whose entries they don't see, where `models` is None.
        tenants: The keys of the only tenants whose entries they see, None among them for entries without one;
            None: those of all tenants.
        nothing: Whether they see nothing at all.
    """

    models: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    tenants: frozenset[str | None] | None = None
    nothing: bool = False

    def entries(self, using: str | None = None) -> EntryQuerySet:
        """Return the entries in the scope."""
        entries = EntryQuerySet(Entry, using=using)
        if self.nothing:
            return entries.none()
        if self.models is not None:
            entries = entries.restricted("model", self.models)
        if self.hidden:
            entries = entries.exclude(model__in=sorted(self.hidden))
        return entries if self.tenants is None else entries.restricted("tenant", self.tenants)

    def wanted(self) -> Wanted:
        """Return the scope as what is to be counted."""
        values: dict[str, frozenset[str | None]] = {}
        if self.models is not None:
            values["model"] = frozenset(self.models)
        if self.tenants is not None:
            values["tenant"] = self.tenants
        return Wanted(values, {"model": self.hidden} if self.hidden else {})

    def sees(self, entry: Entry) -> bool:
        """Return whether an entry that was read already lies in the scope."""
        return self.sees_model(entry.model) and (self.tenants is None or entry.tenant in self.tenants)

    def sees_model(self, label: str) -> bool:
        """Return whether entries of a model, given by its label, lie in the scope."""
        if self.nothing or label in self.hidden:
            return False
        return self.models is None or label in self.models


def may_view(user: Any) -> bool:
    """Return whether somebody may view the log at all."""
    return _may(user, "view_entry")


def may_export(user: Any) -> bool:
    """Return whether somebody may export what they see of the log."""
    return may_view(user) and _may(user, "export_entry")


def may_restore(user: Any) -> bool:
    """Return whether somebody may restore records from the log; their rights on the record come on top."""
    return may_view(user) and _may(user, "restore_entry")


def visible_entries(user: Any, *, using: str | None = None) -> EntryQuerySet:
    """Return the entries that somebody may see. Every path that reads the log for a person starts here.

    Args:
        user: The person; nothing is visible without the permission to view the log.
        using: The database alias.
    """
    return scope_of(user).entries(using)


def scope_of(user: Any) -> Scope:
    """Return what of the log somebody sees.

    Their permissions on models decide, as in the admin: to see a model's entries they must be able to view or
    change it.
    Entries without a model (a sign-in, an export) need no more than the permission to view the log.
    """
    if not may_view(user):
        return Scope(nothing=True)
    tenants = _tenants(user)
    if user.is_superuser:
        return Scope(tenants=tenants)
    allowed: set[str] = {""}
    hidden: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        (allowed if _may_view_model(user, model) else hidden).add(model._meta.label_lower)
    for old, new in settings.RENAMED_MODELS.items():
        (allowed if new.lower() in allowed else hidden).add(old.lower())
    if settings.VIEW_REMOVED_MODELS:
        return Scope(hidden=frozenset(hidden), tenants=tenants)
    return Scope(models=frozenset(allowed), tenants=tenants)


def _may_view_model(user: Any, model: Any) -> bool:
    options = model._meta
    return any(
        user.has_perm(f"{options.app_label}.{get_permission_codename(action, options)}")
        for action in ("view", "change")
    )


def _may(user: Any, codename: str) -> bool:
    return bool(user.is_active and user.has_perm(f"audit_plugin.{codename}"))


def _tenants(user: Any) -> frozenset[str | None] | None:
    hook = settings.hook("TENANT_SCOPE")
    keys: Iterable[Any] | None = hook(user) if hook else None
    return None if keys is None else frozenset(None if key is None else str(key) for key in keys)
