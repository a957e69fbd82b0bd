"""How models hang together: parts of one record, references to it, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel

from audit_plugin.restore.names import Model


def parents_of(model: Model) -> Iterator[tuple[Model, Any]]:
    """Yield the models whose tables hold a part of each record, with the fields of `model` that point there."""
    for parent, pointer in model._meta.parents.items():
        if pointer is not None and pointer.model is model:
            yield parent, pointer


def children_of(model: Model) -> Iterator[tuple[Model, Any]]:
    """Yield the models whose tables may hold a further part of a record, with their fields that point to `model`."""
    for relation in _relations(model):
        if relation.parent_link:
            yield relation.related_model, relation.field


def references_to(model: Model) -> Iterator[tuple[Model, Any]]:
    """Yield the models that refer to records of `model`, with the foreign keys that do.

    The tables of many-to-many fields are among them, parts of the record itself are not.
    """
    for relation in _relations(model):
        if not relation.parent_link:
            yield relation.related_model, relation.field


def generic_references_to(model: Model) -> Iterator[tuple[Model, Any]]:
    """Yield the models that refer to records of `model` by content type, where `model` has a GenericRelation."""
    for field in model._meta.private_fields:
        if isinstance(field, GenericRelation):
            yield field.related_model, field


def links_of(model: Model) -> Iterator[Any]:
    """Yield the model's own many-to-many fields."""
    yield from model._meta.local_many_to_many


def links_to(model: Model) -> Iterator[Any]:
    """Yield the many-to-many fields of any model that point to `model`."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToManyRel) and relation.model is model:
            yield relation.field


def own_table(model: Model) -> bool:
    """Whether links through this model are records of their own, with entries of their own."""
    return not model._meta.auto_created


def _relations(model: Model) -> Iterator[Any]:
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or not (relation.one_to_one or relation.one_to_many):
            continue
        # Inherited relations point to the parent's table.
        child: Any = relation.related_model
        if relation.model is model and not child._meta.proxy:
            yield relation
