"""What records are called now, read from their own tables the way capture names them: without asking `__str__`,

which may run a query for each record, or fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from audit_plugin.capture.options import Options
from audit_plugin.capture.registry import tracked_models
from audit_plugin.capture.secrets import is_secret
from audit_plugin.capture.spec import TEXT_FIELDS


def live_titles(model: type[Model], keys: Iterable[str], using: str) -> dict[str, str]:
    """Return the names of records by key; keys that no record has are left out.

    Args:
        model: Their model.
        keys: Their keys as text.
        using: The database alias.
    """
    key_field = model._meta.pk
    wanted = [key for key in keys if _is_key(key_field, key)]
    parts = _parts(model)
    if wanted and model._meta.label_lower == "auth.permission":
        return _permissions(model, wanted, using)
    if not wanted or not parts:
        return {}
    fields = [name for _text, name in parts if name]
    rows = model._base_manager.using(using).filter(pk__in=wanted).values_list("pk", *fields)
    titles = {}
    for key, *values in rows:
        found = iter(values)
        titles[str(key)] = "".join(text + (str(next(found)) if name else "") for text, name in parts)
    return titles


def _permissions(model: type[Model], keys: list[str], using: str) -> dict[str, str]:
    """Return permissions by the names that code checks them by, which no two share."""
    rows = model._base_manager.using(using).filter(pk__in=keys)
    named = rows.values_list("pk", "content_type__app_label", "codename")
    return {str(key): f"{app}.{codename}" for key, app, codename in named}


def _parts(model: type[Model]) -> list[tuple[str, str | None]]:
    options = tracked_models().get(model, Options())
    texts = [
        field.name
        for field in model._meta.local_concrete_fields
        if isinstance(field, TEXT_FIELDS) and not field.choices and not _hidden(field, options)
    ]
    columns = {field.name: field for field in model._meta.local_concrete_fields}
    parts = options.label_parts(texts)
    if any(name and (name not in columns or _hidden(columns[name], options)) for _text, name in parts):
        return []
    return [part for part in parts if part != ("", None)]


def _hidden(field: Any, options: Options) -> bool:
    secret = field.name in options.secrets or is_secret(field.name, field.column)
    return secret and field.name not in options.reveal


def _is_key(key_field: Any, key: str) -> bool:
    try:
        key_field.to_python(key)
    except (ValidationError, ValueError, TypeError):
        return False
    return True
