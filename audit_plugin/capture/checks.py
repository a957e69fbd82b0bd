"""Finds what is wrong with the models to record and their options, before a database is touched."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_type_hints

import pgtrigger
from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning
from django.db import router

from audit_plugin.capture.options import Options
from audit_plugin.capture.registry import (
    Model,
    find_model,
    many_to_many_fields,
    resolve,
    through_model,
    tracked_models,
)
from audit_plugin.capture.secrets import is_secret
from audit_plugin.capture.spec import database_aliases
from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError
from audit_plugin.hints import fits, in_words


def nearest(name: str, known: Iterable[str], quoted: str = '"{}"') -> str | None:
    """Return a hint that suggests the known name that is most like a wrong one, None where nothing is."""
    found = get_close_matches(name, sorted(known), n=1)
    return f"Did you mean {quoted.format(found[0])}?" if found else None


def check_names() -> Iterator[CheckMessage]:
    """Yield an error for each app, model or option that a setting names and that doesn't exist."""
    for pattern in settings.MODELS:
        name = pattern.removeprefix("-")
        try:
            models = resolve(name)
        except ConfigurationError:
            yield _unknown_model("AUDIT_MODELS", pattern, name, "E002")
            continue
        swapped = next((model for model in models if model._meta.swapped), None)
        if swapped is not None and name == pattern:
            yield Error(
                f'AUDIT_MODELS names "{pattern}", but this project uses another model in its place.',
                hint=f'Name "{swapped._meta.swapped}".',
                id="audit_plugin.E002",
            )
    for pattern in settings.UNRECORDED:
        try:
            resolve(pattern)
        except ConfigurationError:
            yield _unknown_model("AUDIT_UNRECORDED", pattern, pattern, "E002")
    for pattern in settings.PERSONAL:
        name = pattern.removeprefix("-")
        try:
            resolve(name)
        except ConfigurationError:
            yield _unknown_model("AUDIT_PERSONAL", pattern, name, "E002")
    for name in settings.RELATED:
        if not _exists(name, "RELATED"):
            yield _unknown_model("AUDIT_RELATED", name, name, "E002")
    for name in settings.RENAMED_MODELS.values():
        if not _exists(name, "RENAMED_MODELS"):
            yield _unknown_model("AUDIT_RENAMED_MODELS", name, name, "E002")
    for name, options in settings.OPTIONS.items():
        if not _exists(name, "OPTIONS"):
            yield _unknown_model("AUDIT_OPTIONS", name, name, "E003")
            continue
        for option in sorted(set(options) - Options.names()):
            known = ", ".join(sorted(Options.names()))
            yield Error(
                f'AUDIT_OPTIONS["{name}"] has the unknown option "{option}".',
                hint=nearest(option, Options.names()) or f"The options are: {known}.",
                id="audit_plugin.E003",
            )


def check_models() -> Iterator[CheckMessage]:
    """Yield what is wrong with the recorded models and their options. All the names must be right."""
    recorded = tracked_models()
    if not recorded and settings.CAPTURE:
        yield Warning(
            "No model is recorded.",
            hint='Name some in AUDIT_MODELS, for example ["shop.*", "auth.User"], or decorate them with '
            "@audit_plugin.track().",
            id="audit_plugin.W003",
        )
    for name in settings.OPTIONS:
        if find_model(name, "OPTIONS") not in recorded:
            yield Warning(
                f'AUDIT_OPTIONS has options for "{name}", which isn\'t recorded.',
                hint=f'Add "{name}" to AUDIT_MODELS.',
                id="audit_plugin.W004",
            )
    tables: dict[str, str] = {}
    for model, options in recorded.items():
        yield from _check_database(model)
        yield from _check_tables(model, tables)
        types = list(_check_types(model, options))
        yield from types or _check_options(model, options)


def _check_database(model: Model) -> Iterator[CheckMessage]:
    if not any(router.allow_migrate_model(alias, model) for alias in database_aliases()):
        yield Error(
            f"{model._meta.label} is recorded, but the database routers keep it out of every PostgreSQL "
            "database with a log.",
            hint=f'Exclude it with "-{model._meta.label}" in AUDIT_MODELS, or let the routers migrate '
            '"audit_plugin" where it lives.',
            obj=model,
            id="audit_plugin.E007",
        )


def _check_tables(model: Model, tables: dict[str, str]) -> Iterator[CheckMessage]:
    links = [through_model(field) for field in many_to_many_fields(model)]
    for holder in [model, *(through for through in links if through._meta.auto_created)]:
        table = holder._meta.db_table
        other = tables.setdefault(table, model._meta.label)
        if other != model._meta.label:
            yield Error(
                f"{other} and {model._meta.label} are both recorded and share the table {table}: "
                "each change would be in the log twice.",
                hint=f'Exclude one of them, for example with "-{model._meta.label}" in AUDIT_MODELS.',
                obj=model,
                id="audit_plugin.E008",
            )


def _check_types(model: Model, options: Options) -> Iterator[CheckMessage]:
    for name, hint in get_type_hints(Options).items():
        if not fits(getattr(options, name), hint):
            message = f'The option "{name}" of {model._meta.label} must be {in_words(hint)}.'
            yield Error(message, obj=model, id="audit_plugin.E001")


def _check_options(model: Model, options: Options) -> Iterator[CheckMessage]:
    columns = {field.name: field for field in model._meta.local_concrete_fields}
    columns |= {field.attname: field for field in model._meta.local_concrete_fields}
    links = {field.name for field in many_to_many_fields(model)}
    for option in ("fields", "exclude", "secrets", "reveal"):
        own = {field.name for field in columns.values()}
        known = own | (links if option in ("fields", "exclude") else set())
        for name in getattr(options, option):
            if name not in known:
                yield _unknown_field(model, option, name, known)
    try:
        named = [("label", name) for name in _label_fields(options)]
    except ValueError as error:
        named = []
        yield Error(
            f'The option "label" of {model._meta.label}, {options.label!r}, is no template: {error}.',
            hint='Write a field\'s name, or a text such as "{first_name} {last_name}". Double a brace that '
            "is meant as itself.",
            obj=model,
            id="audit_plugin.E011",
        )
    for option, name in [*named, *([("tenant", options.tenant)] if options.tenant else [])]:
        field = columns.get(name)
        if field is None:
            yield _unknown_field(model, option, name, columns)
            continue
        secret = is_secret(field.name, field.column or "") and field.name not in options.reveal
        left_out = field.name in options.exclude or (options.fields and field.name not in options.fields)
        if secret or left_out or field.name in options.secrets:
            yield Error(
                f'The option "{option}" of {model._meta.label} names "{name}", '
                f"which {'is left out' if left_out else 'is a secret'}: entries would hold it in clear.",
                hint="Choose another field."
                if left_out or field.name in options.secrets
                else f'Choose another field, or name "{field.name}" in the option "reveal".',
                obj=model,
                id="audit_plugin.E006",
            )
    yield from _check_trackers(model, options)


def _check_trackers(model: Model, options: Options) -> Iterator[CheckMessage]:
    seen = set()
    for tracker in options.trackers:
        operation = str(tracker.operation)
        if operation in seen:
            yield Error(
                f"{model._meta.label} has two trackers for {operation}; only the first would count.",
                hint="Join their conditions in one tracker.",
                obj=model,
                id="audit_plugin.E012",
            )
        seen.add(operation)
        try:
            if isinstance(tracker.condition, pgtrigger.Condition):
                tracker.condition.resolve(model)
        except Exception as error:
            yield Error(
                f"The condition of {model._meta.label}'s tracker for {operation} can't be used: {error}.",
                obj=model,
                id="audit_plugin.E012",
            )


def _label_fields(options: Options) -> list[str]:
    """Return the fields that a label names.

    Raises:
        ValueError: It isn't of the form that `Options.label_parts` reads.
    """
    if options.label is None:
        return []
    if "{" not in options.label and "}" not in options.label:
        return [options.label]
    names = []
    for _, name, form, conversion in string.Formatter().parse(options.label):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError("between braces stands a field's name and nothing else")
        names.append(name)
    return names


def _unknown_field(model: Model, option: str, name: str, known: Iterable[str]) -> Error:
    hint = nearest(name, known)
    for parent in model._meta.get_parent_list():
        if name in {field.name for field in parent._meta.local_fields}:
            hint = (
                f"It is a field of {parent._meta.label}, which has entries of its own: set the option there."
            )
    return Error(
        f'The option "{option}" of {model._meta.label} names "{name}", but its table has no such field.',
        hint=hint or f"Its fields are: {', '.join(sorted(known))}.",
        obj=model,
        id="audit_plugin.E004",
    )


def _exists(name: str, setting: str) -> bool:
    try:
        find_model(name, setting)
    except ConfigurationError:
        return False
    return True


def _unknown_model(setting: str, written: str, name: str, number: str) -> Error:
    labels: Mapping[str, Any] = {model._meta.label: model for model in apps.get_models()}
    wildcards = {f"{model._meta.app_label}.*" for model in labels.values()}
    exclusion = "-" if written.startswith("-") else ""
    if "." not in name and any(name == app.label for app in apps.get_app_configs()):
        hint: str | None = f'To record every model of the app, write "{exclusion}{name}.*".'
    else:
        hint = nearest(name, wildcards if name.endswith("*") else labels, f'"{exclusion}{{}}"')
    kind = "app" if name.endswith("*") else "model"
    return Error(
        f'{setting} names "{written}", but there is no such {kind}.',
        hint=hint or 'Names are "app_label.ModelName", the label being that of the app\'s AppConfig.',
        id=f"audit_plugin.{number}",
    )
