"""Who may restore what: the permission to restore, what of the log they see, and their rights on each model written to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet

from audit_plugin.models import Entry
from audit_plugin.restore import relations
from audit_plugin.restore.codes import Code, text
from audit_plugin.restore.decisions import conflict_id
from audit_plugin.restore.errors import RestoreError
from audit_plugin.restore.names import Model, model_of
from audit_plugin.restore.plans import Conflict
from audit_plugin.restore.selection import Selection
from audit_plugin.visibility import may_restore, visible_entries

#: The permission that each effect takes. What the database does by itself, and references that are emptied,
#: take none, as in Django's admin.
ACTIONS = {"update": "change", "insert": "add", "delete": "delete", "links": "change", "cascade": "delete"}


class Access:
    """What one person may restore.

    Args:
        user: The person; None stands for the system, which may do everything.
        using: The database alias.

    Raises:
        RestoreError: They may not restore at all.
    """

    def __init__(self, user: Any, using: str) -> None:
        self._user = user
        self._using = using
        if user is not None and not may_restore(user):
            raise RestoreError(Code.NO_PERMISSION, "no_permission_restore")

    def log(self) -> QuerySet[Entry]:
        """Return the entries that they may see."""
        if self._user is None:
            return Entry.objects.using(self._using)
        return visible_entries(self._user, using=self._using)

    def check(self, selection: Selection) -> None:
        """Make sure that they see everything that is to be undone.

        Raises:
            RestoreError: They don't.
        """
        if self._user is None:
            return
        everything = Entry.objects.using(self._using).filter(selection.entries)
        seen = self.log().filter(selection.entries).order_by().values("pk")
        if everything.exclude(pk__in=seen).exists():
            raise RestoreError(Code.NO_PERMISSION, "no_permission_hidden")

    def missing(self, touched: Iterable[tuple[str, str]]) -> list[Conflict]:
        """Return a conflict for each permission that they lack.

        Args:
            touched: Models and effects.
        """
        if self._user is None:
            return []
        touched = set(touched)
        models = {model_of(label) for label, _ in touched} - {None}
        lacking = {}
        for label, effect in sorted(touched):
            model, action = model_of(label), ACTIONS.get(effect)
            if model is None or action is None:
                continue
            # A record of several tables is one record: its own model's permission is enough, as in the admin.
            family = [model, *(child for child in _heirs(model) if child in models)]
            if not any(self._user.has_perm(_permission(member, action)) for member in family):
                lacking[_permission(model, action)] = label
        return [
            Conflict(
                id=conflict_id(Code.NO_PERMISSION, permission),
                code=Code.NO_PERMISSION,
                message=text("no_permission", permission=permission),
                model=label,
                details={"permission": permission},
            )
            for permission, label in lacking.items()
        ]


def _permission(model: Model, action: str) -> str:
    return f"{model._meta.app_label}.{get_permission_codename(action, model._meta)}"


def _heirs(model: Model) -> list[Model]:
    heirs = []
    for child, _ in relations.children_of(model):
        heirs += [child, *_heirs(child)]
    return heirs
