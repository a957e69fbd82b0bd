"""Search over actor, model, key and name of the record."""

from __future__ import annotations

from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Q, QuerySet

from audit_plugin.models import Context

QS = TypeVar("QS", bound="QuerySet[Any]")


def search(queryset: QS, text: str) -> QS:
    """Find entries by words.

    Args:
        queryset: Entries.
        text: What was typed.
    """
    models = [
        model._meta.label_lower
        for model in apps.get_models()
        if text.casefold() in f"{model._meta.label_lower} {model._meta.verbose_name}".casefold()
    ]
    actors = Context.objects.filter(actor_label__icontains=text).values("actor_id")
    return queryset.filter(
        Q(object_id=text) | Q(object_repr__icontains=text) | Q(model__in=models) | Q(actor_id__in=actors)
    )
