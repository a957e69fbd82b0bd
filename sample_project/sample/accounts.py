"""Who can sign in, and with which rights."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q

PRODUCT_APPS = ["people", "places", "assets", "studio", "hiring"]


@dataclass(frozen=True)
class SignIn:
    """Somebody who can sign in to the demo."""

    username: str
    password: str
    first_name: str
    last_name: str
    does: str
    group: str | None = None


SIGN_INS = [
    SignIn("admin", "studio-admin", "Ada", "Okonkwo", "may do everything"),
    SignIn("auditor", "studio-auditor", "Avi", "Lindqvist", "may view and export the log", "Auditors"),
    SignIn("editor", "studio-editor", "Edith", "Moreau", "edits, and may not see the log", "Editors"),
]
# These only appear in the log: their accounts have no usable password.
COLLEAGUES = [
    ("mira", "Mira", "Haddad", "Photographers"),
    ("tomas", "Tomáš", "Novák", "Editors"),
    ("hana", "Hana", "Sato", "Recruiters"),
]


def load_accounts() -> dict[str, User]:
    """Create the groups and accounts that don't exist yet.

    Returns:
        All of them by username.
    """
    edit = (
        Q(codename__startswith="add_") | Q(codename__startswith="change_") | Q(codename__startswith="view_")
    )
    product = Q(content_type__app_label__in=PRODUCT_APPS)
    rights = {
        "Editors": product & (edit | Q(codename__startswith="delete_")),
        "Photographers": Q(content_type__app_label="studio") & edit,
        "Recruiters": Q(content_type__app_label="hiring") & edit,
        # What the log shows of a record is for those who may view the record.
        "Auditors": Q(codename__startswith="view_", content_type__app_label__in=[*PRODUCT_APPS, "auth"])
        | Q(content_type__app_label="audit_plugin", codename__regex="^(view|export)_"),
    }
    groups = {}
    for name, permissions in rights.items():
        groups[name], _ = Group.objects.get_or_create(name=name)
        # Each time: a later version of the plugin may come with new permissions.
        groups[name].permissions.add(*Permission.objects.filter(permissions))
    users: dict[str, User] = {}
    for person in SIGN_INS:
        users[person.username] = _account(
            person.username, person.first_name, person.last_name, person.password
        )
        if person.group:
            users[person.username].groups.add(groups[person.group])
    for username, first_name, last_name, group in COLLEAGUES:
        users[username] = _account(username, first_name, last_name, None)
        users[username].groups.add(groups[group])
    return users


def _account(username: str, first_name: str, last_name: str, password: str | None) -> User:
    existing = User.objects.filter(username=username).first()
    if existing is not None:
        return existing
    return User.objects.create_user(
        username,
        email=f"{username}@northlight.example",
        password=password,
        first_name=first_name,
        last_name=last_name,
        is_staff=True,
        is_superuser=username == "admin",
    )
