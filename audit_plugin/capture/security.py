"""Which of the recorded changes are about who may do what: accounts, groups and permissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.db import models

#: The channel of such changes.
SECURITY = "security"

#: Fields of a user whose change gives or takes rights.
FLAGS = ("is_active", "is_staff", "is_superuser")


def security_fields(model: type[models.Model]) -> Sequence[str] | None:
    """Return the fields whose change belongs to the channel `security`; empty for all, None for a model that isn't about rights.

    Accounts made and removed belong to it in any case.

    Args:
        model: A recorded model.
    """
    if model._meta.label_lower == django_settings.AUTH_USER_MODEL.lower():
        return FLAGS
    return () if model._meta.label_lower in ("auth.group", "auth.permission") else None


def grants(field: models.ManyToManyField[Any, Any]) -> bool:
    """Return whether a many-to-many field holds groups or permissions."""
    if not apps.is_installed("django.contrib.auth"):
        return False
    targets = {apps.get_model("auth.Group"), apps.get_model("auth.Permission")}
    return field.related_model in targets
