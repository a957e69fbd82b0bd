"""Who may do what: captured once, in the channel `security`, and said in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.db.models import QuerySet

import audit_plugin
from audit_plugin import display
from audit_plugin.display import badge_of
from audit_plugin.export.plan import plan_for
from audit_plugin.export.stream import ExportStream
from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from tests.conftest import Log
from tests.reading import user_with


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_user("ben", password="x")


def said(log: Log, **filters: Any) -> list[str]:
    return [display.describe(entry) for entry in log(channel="security", **filters)]


def exported(entries: QuerySet[Entry]) -> list[str]:
    export = plan_for(entries, EntryFilter(), format="csv", columns=["description"])
    lines = b"".join(ExportStream(export)).decode("utf-8-sig").splitlines()[1:]
    return [line.strip('"') for line in lines]


def permission(codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label="testapp", codename=codename)


def test_permissions_are_granted_and_taken_in_one_entry_each(ben: User, log: Log) -> None:
    with audit_plugin.context(actor="Ann"):
        ben.user_permissions.add(permission("delete_book"), permission("add_book"))
        ben.user_permissions.remove(permission("add_book"))
    granted, taken = log(channel="security")
    assert display.describe(granted).startswith("Ann granted testapp.")
    assert "testapp.delete_book" in display.describe(granted) and display.describe(granted).endswith(
        " to ben"
    )
    assert display.describe(taken) == "Ann took testapp.add_book from ben"
    assert (badge_of(granted).label, badge_of(taken).label) == ("Granted", "Taken away")
    # Not rows of a table between two others, and nothing twice.
    assert len(log(actor_id="service:Ann")) == 2


def test_groups_and_flags(ben: User, log: Log) -> None:
    editors = Group.objects.create(name="Editors")
    with audit_plugin.context(actor="Ann"):
        ben.groups.add(editors)
        editors.permissions.set([permission("view_book")])
        ben.is_staff = ben.is_superuser = True
        ben.save()
        ben.is_active = False
        ben.save()
        ben.is_active = True
        ben.save()
        ben.groups.clear()
    assert said(log, actor_id="service:Ann") == [
        "Ann granted the group Editors to ben",
        "Ann granted testapp.view_book to Editors",
        "Ann granted staff status to ben; Ann granted superuser status to ben",
        "Ann deactivated ben",
        "Ann activated ben",
        "Ann took the group Editors from ben",
    ]


def test_accounts_made_and_removed_belong_to_it_and_other_changes_do_not(log: Log, db: None) -> None:
    with audit_plugin.context(actor="Ann"):
        ben = User.objects.create_user("ben")
        ben.email = "ben@example.org"
        ben.save()
        ben.delete()
    assert [(entry.action, entry.channel) for entry in log(model="auth.user")] == [
        ("create", "security"),
        ("update", "data"),
        ("delete", "security"),
    ]


def test_an_account_that_is_made_with_rights(log: Log, db: None) -> None:
    with audit_plugin.context(actor="Ann"):
        root = User.objects.create_superuser("root")
        User.objects.create_user("ben")
        User.objects.bulk_create([User(username="eve", is_staff=True)])
    expected = [
        f"Ann created User root ({root.pk}); Ann granted staff status to root; Ann granted superuser status to root",
        f"Ann created User ben ({root.pk + 1})",
        f"Ann created User eve ({root.pk + 2}); Ann granted staff status to eve",
    ]
    assert said(log) == expected
    assert exported(Entry.objects.filter(actor_id="service:Ann")) == expected[::-1]


def test_no_way_around_the_orm_is_missed(ben: User, log: Log) -> None:
    User.objects.filter(pk=ben.pk).update(is_superuser=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (%s, %s)",
            [ben.pk, permission("add_tag").pk],
        )
        cursor.execute("UPDATE auth_user SET is_active = false WHERE id = %s", [ben.pk])
    flags, links, active = log(channel="security")
    assert "granted superuser status to ben" in display.describe(flags)
    assert "granted testapp.add_tag to ben" in display.describe(links)
    assert "deactivated ben" in display.describe(active)


def test_security_is_one_filter(ben: User) -> None:
    User.objects.filter(pk=ben.pk).update(is_staff=True)
    given = EntryFilter(channel="security", model="auth.user", object_id=str(ben.pk))
    found = given.apply(Entry.objects.all())
    assert [entry.action for entry in found.order_by("id")] == ["create", "update"]


def test_an_export_says_it_in_the_same_words(ben: User) -> None:
    editors = Group.objects.create(name="Editors")
    with audit_plugin.context(actor="Ann"):
        ben.groups.add(editors)
        ben.user_permissions.set([permission("add_tag"), permission("view_tag")])
        ben.user_permissions.set([permission("delete_tag")])
        User.objects.filter(pk=ben.pk).update(is_staff=True, is_active=False, first_name="Ben")
        User.objects.filter(pk=ben.pk).update(last_name="Barker")
    entries = Entry.objects.filter(actor_id="service:Ann")
    assert exported(entries) == [display.describe(entry) for entry in entries.order_by("-id")]


def test_who_sees_that_a_right_was_granted_is_told_which(db: None, log: Log) -> None:
    ben, group = User.objects.create_user("ben"), Group.objects.create(name="Editors")
    reader = user_with("reader", "audit_plugin.view_entry", "auth.view_user")
    ben.groups.add(group)
    entry = log(channel="security")[-1]
    told = display.describe(entry, display.names_of([entry], reader))
    assert told == display.describe(entry)
    assert "Editors" in told
