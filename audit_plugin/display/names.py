"""Names of the records that entries refer to by key, for a whole page at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.db.models import Field, ForeignKey, ManyToManyField, Model

from audit_plugin.changes import FieldChange
from audit_plugin.display.labels import field_of, model_of
from audit_plugin.display.titles import live_titles
from audit_plugin.models import Entry
from audit_plugin.visibility import Scope, scope_of

#: Whoever sees that a right was granted is told which, here as in sentences, exports and the API.
TOLD = ("auth.group", "auth.permission")
#: A change of more links than this names the first only.
MAX_KEYS = 1000

_LATEST = """
    SELECT wanted.model, wanted.object_id, latest.object_repr
      FROM unnest(%s::text[], %s::text[]) AS wanted (model, object_id)
     CROSS JOIN LATERAL (
        SELECT object_repr FROM audit_plugin_entry AS entry
         WHERE entry.model = wanted.model AND entry.object_id = wanted.object_id
           AND (%s::text[] IS NULL OR entry.tenant = ANY (%s) OR (entry.tenant IS NULL AND %s))
         ORDER BY entry.id DESC LIMIT 1) AS latest
"""


@dataclass(frozen=True)
class Names:
    """Names by the label of a model and the key of a record in it."""

    names: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def get(self, target: Field[Any, Any] | None, key: Any) -> str | None:
        """Return the name of the record that a field refers to.

        Args:
            target: A foreign key or many-to-many field.
            key: What the field held.
        """
        model = related_model(target)
        return self.of(model._meta.label_lower, key) if model is not None else None

    def of(self, model: str, key: Any) -> str | None:
        """Return the name of a record.

        Args:
            model: The label of its model.
            key: Its key.
        """
        return self.names.get((model, str(key)))


def names_of(entries: Iterable[Entry], user: Any = None) -> Names:
    """Look up what the records are called that the changes of some entries refer to.

    The log itself knows most, also of records that are gone; the rest is read from their tables. That takes one
    query, and one more for each model that the log doesn't know records of.

    Args:
        entries: The entries of a page.
        user: Who is looking: only names of records they may see are found. None: all.
    """
    entries = list(entries)
    if not entries:
        return Names()
    changes = ((entry.model, change) for entry in entries for change in entry.field_changes)
    return names_in(changes, user, using=entries[0]._state.db or "default")


def names_in(
    changes: Iterable[tuple[str, FieldChange]], user: Any = None, *, using: str = "default"
) -> Names:
    """Look up what the records are called that some changes refer to.

    Args:
        changes: The changes, each with the label of its model.
        user: See `names_of`.
        using: The database alias.
    """
    return names_of_records(_references(changes), user, using=using)


def names_of_records(
    records: Iterable[tuple[str, Any]], user: Any = None, *, using: str = "default"
) -> Names:
    """Look up what records are called.

    Args:
        records: The label of the model and the key of each.
        user: See `names_of`.
        using: The database alias.
    """
    scope = Scope() if user is None else scope_of(user)
    wanted: dict[str, dict[str, None]] = defaultdict(dict)
    for label, key in records:
        if len(wanted[label]) < MAX_KEYS and (
            scope.sees_model(label) or (label in TOLD and not scope.nothing)
        ):
            wanted[label][str(key)] = None
    names = _from_log(wanted, scope, using)
    # Whose tenant a row in a table belongs to isn't known here.
    if scope.tenants is None:
        for label, keys in wanted.items():
            missing = [key for key in keys if (label, key) not in names]
            if missing and (model := model_of(label)) is not None:
                names |= {(label, key): title for key, title in live_titles(model, missing, using).items()}
    return Names(names)


def related_model(target: Field[Any, Any] | None) -> type[Model] | None:
    """Return the model whose records a field refers to by their primary key, None for any other field."""
    if not isinstance(target, ForeignKey | ManyToManyField) or not isinstance(target.related_model, type):
        return None
    if isinstance(target, ForeignKey) and not target.target_field.primary_key:
        return None
    return target.related_model._meta.concrete_model


def _references(changes: Iterable[tuple[str, FieldChange]]) -> Iterator[tuple[str, Any]]:
    for label, change in changes:
        model = related_model(field_of(label, change.field))
        if model is not None:
            keys = (change.old, change.new, *change.added, *change.removed)
            yield from ((model._meta.label_lower, key) for key in keys if key is not None)


def _from_log(wanted: Mapping[str, Iterable[str]], scope: Scope, using: str) -> dict[tuple[str, str], str]:
    pairs = [(label, key) for label, keys in wanted.items() for key in keys]
    if not pairs:
        return {}
    tenants = None if scope.tenants is None else [key for key in scope.tenants if key is not None]
    without = scope.tenants is not None and None in scope.tenants
    models, keys = (list(column) for column in zip(*pairs, strict=True))
    with connections[using].cursor() as cursor:
        cursor.execute(_LATEST, [models, keys, tenants, tenants, without])
        return {(model, key): title for model, key, title in cursor.fetchall() if title}
