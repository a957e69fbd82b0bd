"""Who may restore: the permission, what of the log they see, their rights on each model, the tenant."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.db.models import Q

import audit_plugin
from audit_plugin import restore
from audit_plugin.restore import Deleted, Request, Undo
from tests.restore.conftest import Refused, codes, last
from tests.testapp.models import Author, Book, Restaurant, Tag

pytestmark = pytest.mark.django_db


def user(*permissions: str, **values: Any) -> User:
    """Return a user with these permissions, given as `app.codename`."""
    found = User.objects.create(username=f"user {User.objects.count()}", **values)
    for permission in permissions:
        app, codename = permission.split(".")
        found.user_permissions.add(Permission.objects.get(Q(content_type__app_label=app), codename=codename))
    return found


RESTORER = ("audit_plugin.view_entry", "audit_plugin.restore_entry")


@pytest.fixture
def changed(db: None) -> restore.Undo:
    """A change of a book."""
    Book.objects.create(title="1")
    Book.objects.update(title="2")
    return Undo(last(model="testapp.book"))


@pytest.mark.parametrize(
    "permissions",
    [
        (),
        ("audit_plugin.view_entry", "testapp.change_book"),
        ("audit_plugin.restore_entry", "testapp.change_book"),
    ],
    ids=["none", "auditor", "restorer who may not view"],
)
def test_without_the_permission_there_is_not_even_a_plan(
    changed: restore.Undo, permissions: tuple[str, ...], refused: Refused
) -> None:
    who = user(*permissions)
    with pytest.raises(restore.RestoreError) as caught:
        restore.plan(changed, user=who)
    assert caught.value.code == "no_permission"
    assert refused(changed, user=who).code == "no_permission"


def test_nobody_and_the_inactive_may_not(changed: restore.Undo, refused: Refused) -> None:
    assert refused(changed, user=AnonymousUser()).code == "no_permission"
    assert refused(changed, user=user(is_superuser=True, is_active=False)).code == "no_permission"


def test_the_right_on_the_model_is_needed(changed: restore.Undo, refused: Refused) -> None:
    viewer = user(*RESTORER, "testapp.view_book")
    [conflict] = restore.plan(changed, user=viewer).conflicts
    assert (conflict.code, conflict.details["permission"]) == ("no_permission", "testapp.change_book")
    assert conflict.choices == ()
    assert refused(changed, user=viewer).code == "conflicts"
    # It can't be skipped as one conflict among others either.
    assert refused(changed, user=viewer, partial=True).code == "conflicts"
    restore.apply(changed, user=user(*RESTORER, "testapp.change_book"))
    assert Book.objects.get().title == "1"


def test_each_effect_needs_its_own_right(db: None) -> None:
    author = Author.objects.create(name="Frank")
    created = last(author)
    Book.objects.create(title="Dune", author=author)
    who = user(*RESTORER, "testapp.view_author", "testapp.view_book")
    plan = restore.plan(Undo(created), user=who, resolutions={"referenced": "cascade"})
    lacking = {conflict.details.get("permission") for conflict in plan.conflicts} - {None}
    assert lacking == {"testapp.delete_author", "testapp.delete_book"}
    key = author.pk
    author.delete()
    plan = restore.plan(Deleted(Author, str(key)), user=who)
    assert [conflict.details["permission"] for conflict in plan.conflicts] == ["testapp.add_author"]


def test_links_need_the_right_to_change_the_record(db: None) -> None:
    book, tag = Book.objects.create(title="a"), Tag.objects.create(name="a")
    book.tags.add(tag)
    who = user(*RESTORER, "testapp.view_book")
    plan = restore.plan(Undo(last(book)), user=who)
    assert [conflict.details["permission"] for conflict in plan.conflicts] == ["testapp.change_book"]


def test_a_record_of_several_tables_needs_the_right_on_its_own_model(db: None) -> None:
    restaurant = Restaurant.objects.create(name="Noma")
    key = restaurant.pk
    restaurant.delete()
    who = user(*RESTORER, "testapp.view_place", "testapp.view_restaurant", "testapp.add_restaurant")
    assert restore.plan(Deleted(Restaurant, str(key)), user=who).is_clean


def test_what_is_not_visible_is_not_found(changed: restore.Undo, refused: Refused) -> None:
    assert refused(changed, user=user(*RESTORER)).code == "not_found"


def test_a_request_is_undone_whole_or_by_somebody_who_sees_all_of_it(db: None, refused: Refused) -> None:
    Book.objects.create(title="1")
    with audit_plugin.context(actor="x", request_id="r"):
        Book.objects.update(title="2")
        Tag.objects.create(name="a")
    who = user(*RESTORER, "testapp.change_book")
    error = refused(Request("r"), user=who)
    assert error.code == "no_permission" and "visible" in str(error)


def test_other_tenants_are_out_of_reach(db: None, refused: Refused, settings: Any) -> None:
    settings.AUDIT_TENANT_SCOPE = lambda user: {"ours"}
    Book.objects.create(title="1")
    asks = {}
    for tenant in ("ours", "theirs"):
        with audit_plugin.context(tenant=tenant):
            Book.objects.update(title=tenant)
        asks[tenant] = Undo(last(model="testapp.book"))
    who = user(*RESTORER, "testapp.change_book")
    assert refused(asks["theirs"], user=who).code == "not_found"
    assert codes(restore.plan(asks["ours"], user=who)) == ["changed_since"]


def test_the_system_may_do_everything(changed: restore.Undo) -> None:
    assert restore.plan(changed).is_clean
