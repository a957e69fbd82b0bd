"""SQL expressions for what `audit_plugin.display` says in Python; the tests compare the two."""

from __future__ import annotations

from django.apps import apps
from django.utils.translation import gettext as _

from audit_plugin.conf import settings
from audit_plugin.display.labels import ACTIONS, action_label, model_label
from audit_plugin.export.changes import changes_json
from audit_plugin.export.quoting import looked_up, quoted
from audit_plugin.models import Context, Entry


def timestamp() -> str:
    """Return the moment in ISO 8601, in UTC whoever reads it."""
    return """to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def actor() -> str:
    """Return the actor's name; see `display.actor_label`."""
    kinds = {value: str(label) for value, label in Context.ActorKind.choices}
    return (
        f"CASE WHEN c.id IS NULL THEN {quoted(_('unknown'))} WHEN c.actor_label <> '' THEN c.actor_label"
        f" WHEN c.actor_kind = 'system' THEN {quoted(_('System'))}"
        f" ELSE coalesce(nullif(c.actor_id, ''), {looked_up(kinds, 'c.actor_kind')}, c.actor_kind) END"
    )


def user() -> str:
    """Return the actor's e-mail address, or the name where there is none."""
    return f"coalesce(nullif(c.actor_email, ''), {actor()})"


def action() -> str:
    """Return what the action is called; see `display.action_label`."""
    names = {name: action_label(name) for name in ACTIONS}
    words = "translate(e.action, '._-', '   ')"
    return f"coalesce({looked_up(names, 'e.action')}, upper(left({words}, 1)) || substr({words}, 2))"


def model() -> str:
    """Return what the model is called; see `display.model_label`."""
    labels = [known._meta.label_lower for known in apps.get_models(include_auto_created=True)]
    names = {label: model_label(label) for label in [*labels, *map(str.lower, settings.RENAMED_MODELS)]}
    return f"coalesce({looked_up(names, 'e.model')}, e.model)"


def description() -> str:
    """Return the entry as a sentence; see `display.describe`."""
    key = (
        "CASE WHEN e.object_repr NOT IN ('', e.object_id)"
        " THEN concat(e.object_repr, ' (', e.object_id, ')') ELSE e.object_id END"
    )
    return f"btrim(concat({actor()}, ': ', {action()}, ' ', btrim(concat({model()}, ' ', {key}))))"


def properties() -> str:
    """Return all that was recorded about the change, as a JSON object."""
    kinds = {
        value: kind.name.lower() for value, kind in zip(Entry.Operation.values, Entry.Operation, strict=True)
    }
    operation = f"coalesce(to_json({looked_up(kinds, 'e.operation::text')})::text, 'null')"
    return (
        f"""concat('{{"operation":', {operation}, ',"changes":', {changes_json()},"""
        """ ',"details":', coalesce(e.details::text, 'null'), '}')"""
    )
