"""SQL expressions for what `audit_plugin.display` says in Python; the tests compare the two.

`e` is an entry, `c` its context, and `n` the names below, which others are made of.
"""

from __future__ import annotations

from django.apps import apps

from audit_plugin import actions
from audit_plugin.conf import settings
from audit_plugin.display.labels import (
    ACTIONS,
    action_label,
    actor_label,
    actor_phrase,
    field_label,
    model_label,
)
from audit_plugin.export.changes import changes_json
from audit_plugin.export.quoting import filled, looked_up, quoted
from audit_plugin.models import Context, Entry


def names() -> dict[str, str]:
    """Return the names that columns are made of, in the current language; one that isn't used costs
    nothing."""
    return {
        "actor": actor(),
        "phrase": _phrase(),
        "action": action(),
        "model": model(),
        "subject": _subject(),
    }


def timestamp() -> str:
    """Return the moment in ISO 8601, in UTC whoever reads it."""
    return """to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def actor() -> str:
    """Return the actor's name; see `display.actor_label`."""
    kinds = {str(kind): actor_label(Context(actor_kind=kind)) for kind in Context.ActorKind}
    # Of some kinds there is one only, whose key says nothing.
    single = [kind for kind in kinds if actor_label(Context(actor_kind=kind, actor_id="?")) != "?"]
    alone = ", ".join(map(quoted, single))
    return (
        f"CASE WHEN c.id IS NULL THEN {quoted(actor_label(None))} WHEN c.actor_label <> '' THEN c.actor_label"
        f" ELSE coalesce(CASE WHEN c.actor_kind NOT IN ({alone}) THEN nullif(c.actor_id, '') END,"
        f" {looked_up(kinds, 'c.actor_kind')}, c.actor_kind) END"
    )


def _phrase() -> str:
    """Return the actor with the person behind an impersonated account; see `display.labels.actor_phrase`."""
    template = actor_phrase(Context(actor_label="\x01", impersonator_label="\x02"))
    behind = "coalesce(nullif(c.impersonator_label, ''), nullif(c.impersonator_id, ''))"
    both = filled(template, {"\x01": actor(), "\x02": behind})
    return f"CASE WHEN {behind} IS NULL THEN {actor()} ELSE {both} END"


def action() -> str:
    """Return what the action is called; see `display.action_label`."""
    known = {name: action_label(name) for name in [*ACTIONS, *settings.ACTIONS, *actions.known()]}
    words = "translate(e.action, '._-', '   ')"
    return f"coalesce({looked_up(known, 'e.action')}, upper(left({words}, 1)) || substr({words}, 2))"


def model() -> str:
    """Return what the model is called; see `display.model_label`."""
    return f"coalesce({looked_up({label: model_label(label) for label in _labels()}, 'e.model')}, e.model)"


def _labels() -> list[str]:
    labels = [known._meta.label_lower for known in apps.get_models(include_auto_created=True)]
    return [*labels, *map(str.lower, settings.RENAMED_MODELS)]


def _subject() -> str:
    """Return what the entry is about; see `display.subject_label`."""
    name = f"nullif({model()}, '')"
    key = "CASE WHEN e.object_id <> '' THEN concat('(', e.object_id, ')') END"
    return (
        "CASE WHEN e.object_repr NOT IN ('', e.object_id)"
        f" THEN concat_ws(' ', {name}, e.object_repr, {key}) ELSE concat_ws(' ', {name}, nullif(e.object_id, '')) END"
    )


def first_field() -> str:
    """Return what the first of the fields `f.named` is called; see `display.field_label`."""
    labels = {}
    for label in _labels():
        for name in _field_names(label):
            text = field_label(label, name)
            if text != name:
                labels[f"{label}.{name}"] = text
    key = f"(e.model || {quoted('.')} || f.named[1])"
    return f"coalesce({looked_up(labels, key)}, f.named[1])"


def _field_names(label: str) -> set[str]:
    from audit_plugin.display.labels import model_of

    found = model_of(label)
    fields = [*found._meta.fields, *found._meta.many_to_many] if found else []
    names = {name for field in fields for name in (field.name, field.attname, field.column)}
    return {name for name in names if name}


def properties() -> str:
    """Return all that was recorded about the change, as a JSON object."""
    kinds = {
        value: f'"{kind.name.lower()}"'
        for value, kind in zip(Entry.Operation.values, Entry.Operation, strict=True)
    }
    operation = f"coalesce({looked_up(kinds, 'e.operation::text')}, 'null')"
    return (
        f"""concat('{{"operation":', {operation}, ',"changes":', {changes_json()},"""
        """ ',"details":', coalesce(e.details::text, 'null'), '}')"""
    )
