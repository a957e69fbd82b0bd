"""Changes of rights as sentences, in SQL: what `audit_plugin.display.security` says in Python."""

from __future__ import annotations

from collections.abc import Mapping

from django.apps import apps
from django.utils.translation import gettext as _

from audit_plugin.capture.registry import many_to_many_fields
from audit_plugin.capture.security import SECURITY, grants
from audit_plugin.display.security import ACTIVE, FLAG_NAMES, GRANTED, TAKEN
from audit_plugin.export.quoting import filled, looked_up, quoted

#: Marks for the parts of a sentence; none can be in a wording.
_ACTOR, _WHAT, _OBJECT, _NAME = (chr(0xE100 + number) for number in range(4))
_PLACES = {_ACTOR: "n.phrase", _OBJECT: "coalesce(nullif(e.object_repr, ''), e.object_id)"}


def rights(otherwise: str) -> str:
    """Return the sentence for an entry that changes rights, for others what is given.

    Args:
        otherwise: The expression for all other entries.
    """
    flags = " ".join(
        f"WHEN f.k = {quoted(name)} THEN {_either(quoted(str(label)))}" for name, label in FLAG_NAMES.items()
    )
    active = f"WHEN f.k = 'is_active' THEN CASE f.v ->> 1 WHEN 'true' THEN {_active(True)} ELSE {_active(False)} END"
    links = " ".join(
        f"WHEN e.operation = 'M' AND f.k IN ({', '.join(map(quoted, fields))}) THEN {_links(name)}"
        for fields, name in _kinds()
        if fields
    )
    said = (
        f"(SELECT string_agg(t.said, '; ' ORDER BY t.n) FROM (SELECT f.n, CASE {active} {flags} {links} END AS said "
        "FROM jsonb_each(e.changes) WITH ORDINALITY AS f (k, v, n)) AS t)"
    )
    return f"CASE WHEN e.channel = {quoted(SECURITY)} THEN coalesce({said}, {otherwise}) ELSE {otherwise} END"


def rights_at_first(created: str) -> str:
    """Return the sentence for the creation of a record, with the rights an account was made with.

    Args:
        created: The expression for any creation.
    """
    given = "".join(
        f", CASE WHEN e.changes ->> {quoted(name)} = 'true' THEN {_sentence(str(GRANTED), quoted(str(label)))} END"
        for name, label in FLAG_NAMES.items()
    )
    return (
        f"CASE WHEN e.channel = {quoted(SECURITY)} THEN concat_ws('; ', {created}{given}) ELSE {created} END"
    )


def _active(value: bool) -> str:
    return filled(str(ACTIVE[value]) % {"actor": _ACTOR, "object": _OBJECT}, _PLACES)


def _sentence(template: str, what: str) -> str:
    return filled(template % {"actor": _ACTOR, "what": _WHAT, "object": _OBJECT}, {**_PLACES, _WHAT: what})


def _either(what: str) -> str:
    return f"CASE f.v ->> 1 WHEN 'true' THEN {_sentence(str(GRANTED), what)} ELSE {_sentence(str(TAKEN), what)} END"


def _links(name: str) -> str:
    parts = []
    for template, side in ((GRANTED, "added"), (TAKEN, "removed")):
        what = (
            f"(SELECT string_agg({name}, ', ' ORDER BY x.o) "
            f"FROM jsonb_array_elements_text(f.v -> '{side}') WITH ORDINALITY AS x (key, o))"
        )
        parts.append(f"CASE WHEN f.v -> '{side}' <> '[]' THEN {_sentence(str(template), what)} END")
    return f"concat_ws('; ', {', '.join(parts)})"


def _kinds() -> list[tuple[list[str], str]]:
    """Return the fields that hold permissions and those that hold groups, each with the expression for a name."""
    if not apps.is_installed("django.contrib.auth"):
        return []
    group, permission = apps.get_model("auth.Group"), apps.get_model("auth.Permission")
    fields: dict[object, set[str]] = {group: set(), permission: set()}
    for model in apps.get_models():
        for field in many_to_many_fields(model):
            if grants(field):
                fields[field.related_model].add(field.name)
    rows = permission._base_manager.values_list("pk", "content_type__app_label", "codename")
    permissions = {str(key): f"{app}.{codename}" for key, app, codename in rows}
    groups: Mapping[str, str] = {
        str(key): name for key, name in group._base_manager.values_list("pk", "name")
    }
    called = filled(
        _("the group %(name)s") % {"name": _NAME}, {_NAME: f"coalesce({looked_up(groups, 'x.key')}, x.key)"}
    )
    return [
        (sorted(fields[permission]), f"coalesce({looked_up(permissions, 'x.key')}, x.key)"),
        (sorted(fields[group]), called),
    ]
