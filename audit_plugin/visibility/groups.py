"""The ready groups: who views, who exports, who restores."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import router, transaction

from audit_plugin.conf import settings

#: Exporting or restoring is of no use without viewing.
PERMISSIONS = {
    "view": ["view_entry"],
    "export": ["view_entry", "export_entry"],
    "restore": ["view_entry", "restore_entry"],
}


def create_groups(using: str) -> list[str]:
    """Create the groups of AUDIT_GROUPS that don't exist. One that does is left as the host has it.

    Args:
        using: The database alias.

    Returns:
        The names of the groups created.
    """
    if not router.allow_migrate_model(using, Group):
        return []
    # Django makes permissions when migrate ends, in the order of the apps: ours may not be there yet.
    create_permissions(apps.get_app_config("audit_plugin"), verbosity=0, using=using)
    created = []
    for purpose, codenames in PERMISSIONS.items():
        name = settings.GROUPS.get(purpose)
        if not name:
            continue
        with transaction.atomic(using):
            group, is_new = Group.objects.using(using).get_or_create(name=name)
            if is_new:
                permissions = Permission.objects.using(using).filter(
                    content_type__app_label="audit_plugin", codename__in=codenames
                )
                group.permissions.add(*permissions)
                created.append(name)
    return created
