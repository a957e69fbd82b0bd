"""Names in the log and what they stand for today: models and fields may have been renamed since."""

from __future__ import annotations

from collections import defaultdict

from django.apps import apps
from django.db import models

from audit_plugin.conf import settings

Model = type[models.Model]


def renamed_models() -> dict[str, str]:
    """Return today's label of each earlier one, chains of renamings followed."""
    renamed = {old.lower(): new.lower() for old, new in settings.RENAMED_MODELS.items()}
    return {old: _follow(old, renamed) for old in renamed}


def renamed_fields() -> dict[str, dict[str, str]]:
    """Return today's names of fields by the model's label and the earlier name."""
    models_since = renamed_models()
    pairs: dict[str, dict[str, str]] = defaultdict(dict)
    for old, new in settings.RENAMED_FIELDS.items():
        model, _, name = old.rpartition(".")
        label = models_since.get(model.lower(), model.lower())
        pairs[label][name] = new
    return {model: {old: _follow(old, names) for old in names} for model, names in pairs.items()}


def label_now(label: str) -> str:
    """Return today's label of a model that the log may know by an earlier one."""
    return renamed_models().get(label.lower(), label.lower())


def labels_of(label: str) -> list[str]:
    """Return all labels by which the log may know a model, today's first."""
    now = label_now(label)
    return [now, *(old for old, new in renamed_models().items() if new == now and old != now)]


def field_names(label: str, name: str) -> list[str]:
    """Return all names by which the log may know a field, today's first."""
    names = renamed_fields().get(label_now(label), {})
    return [name, *(old for old, new in names.items() if new == name and old != name)]


def model_of(label: str) -> Model | None:
    """Return the model of a label from the log, None where there is none any more."""
    try:
        return apps.get_model(label_now(label))
    except (LookupError, ValueError):
        return None


def _follow(name: str, renamed: dict[str, str]) -> str:
    seen = set()
    while name in renamed and name not in seen:
        seen.add(name)
        name = renamed[name]
    return name
