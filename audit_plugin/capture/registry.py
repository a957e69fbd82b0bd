"""Which models are recorded: those decorated with `track` and those that `AUDIT_MODELS` names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import pghistory
from django.apps import apps
from django.db import models

from audit_plugin.capture.options import Options, make_options
from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError

Model = type[models.Model]
M = TypeVar("M", bound=Model)

#: Apps whose tables `"*"` leaves out: the log itself, Django's bookkeeping and other logs. Naming one records it.
BOOKKEEPING = {"audit_plugin", "pghistory", "contenttypes", "sessions", "migrations"}

_decorated: dict[Model, Options] = {}


def track(*trackers: pghistory.RowEvent, **options: object) -> Callable[[M], M]:
    """Record every write to the decorated model.

    Args:
        *trackers: pghistory trackers that narrow down what is recorded, for example
            `pghistory.UpdateEvent(condition=pghistory.AnyChange("status"))`.
        **options: See `audit_plugin.capture.options.Options`.

    Raises:
        ConfigurationError: An option has an unknown name, or the model is abstract.

    Example:
        @audit_plugin.track(label="{first_name} {last_name}", exclude=["last_seen"])
        class Person(models.Model): ...
    """

    def decorate(model: M) -> M:
        if model._meta.abstract:
            raise ConfigurationError(
                f"{model.__name__} is abstract, so it has no table to record: decorate the models derived from it."
            )
        _decorated[_concrete(model)] = make_options({"trackers": trackers, **options}, model._meta.label)
        return model

    return decorate


def tracked_models(patterns: Sequence[str] | None = None) -> dict[Model, Options]:
    """Return every recorded model with its options, in the order of the app registry.

    Parents of multi-table inheritance and the models of custom many-to-many tables come along, since a
    write to the one is not complete without the other.

    Args:
        patterns: The models to return, as in `AUDIT_MODELS`, whether or not they are recorded; by default
            those that are.

    Raises:
        ConfigurationError: A setting names a model or an option that doesn't exist.
    """
    named = {model for pattern in patterns or () for model in resolve(pattern)}
    excluded: set[Model] = set()
    if patterns is None:
        named = set(_decorated) | set(_named())
        excluded = set(_named(excluded=True))
    wanted: set[Model] = set()
    for model in named - excluded:
        wanted |= _with_companions(_concrete(model))
    given = {find_model(name, "OPTIONS"): dict(values) for name, values in settings.OPTIONS.items()}
    return {
        model: make_options(given[model], model._meta.label)
        if model in given
        else _decorated.get(model, Options())
        for model in apps.get_models(include_auto_created=False)
        if model in wanted - excluded
    }


def find_model(name: str, setting: str) -> Model:
    """Return the model of this name, for a proxy the one with the table.

    Args:
        name: `app_label.ModelName`.
        setting: The setting that names it, for the error.

    Raises:
        ConfigurationError: There is no such model.
    """
    try:
        return _concrete(apps.get_model(name))
    except (LookupError, ValueError) as error:
        raise ConfigurationError(f"AUDIT_{setting} names {name!r}: {error}") from error


def resolve(pattern: str) -> list[Model]:
    """Return the models that one pattern of `AUDIT_MODELS` names.

    Args:
        pattern: `app_label.ModelName`, `app_label.*` or `*`.

    Raises:
        ConfigurationError: There is no such app or model.
    """
    if pattern == "*":
        everything = apps.get_models()
        return [
            model for model in everything if _recordable(model) and model._meta.app_label not in BOOKKEEPING
        ]
    app_label, _, name = pattern.partition(".")
    try:
        if name == "*":
            return [model for model in apps.get_app_config(app_label).get_models() if _recordable(model)]
        return [apps.get_model(app_label, name)]
    except (LookupError, ValueError) as error:
        raise ConfigurationError(f"AUDIT_MODELS names {pattern!r}: {error}") from error


def many_to_many_fields(model: Model) -> list[models.ManyToManyField[Any, Any]]:
    """Return the many-to-many fields that the model itself declares.

    Libraries such as taggit put managers beside them that only look like one; their tables are models of their own.
    """
    return [field for field in model._meta.local_many_to_many if isinstance(field, models.ManyToManyField)]


def through_model(field: models.ManyToManyField[Any, Any]) -> Model:
    """Return the model of a many-to-many field's table."""
    through: Model = field.remote_field.through  # type: ignore[assignment]
    return through


def _named(*, excluded: bool = False) -> Iterator[Model]:
    for pattern in settings.MODELS:
        if pattern.startswith("-") == excluded:
            yield from resolve(pattern.removeprefix("-"))


def _concrete(model: Model) -> Model:
    return model._meta.concrete_model or model


def _recordable(model: Model) -> bool:
    return not (model._meta.proxy or model._meta.swapped) and model._meta.app_label != "audit_plugin"


def _with_companions(model: Model) -> set[Model]:
    """The model, its parents, and the models of its custom many-to-many tables."""
    found = {model, *(parent for parent in model._meta.get_parent_list() if not parent._meta.proxy)}
    through = {
        through
        for owner in found
        for field in many_to_many_fields(owner)
        if (through := through_model(field)) and not through._meta.auto_created
    }
    return found | through
