"""Who sees what: one rule for entries, choices, histogram, numbers and history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from audit_plugin import testing
from audit_plugin.activity import histogram
from audit_plugin.facets import facets
from audit_plugin.filters import EntryFilter
from audit_plugin.history import history
from audit_plugin.pagination import count, page
from audit_plugin.visibility import may_export, may_restore, may_view, scope_of, visible_entries
from tests.reading import JUNE, add, add_context, user_with

pytestmark = pytest.mark.django_db

VIEW = "audit_plugin.view_entry"


def add_entries() -> None:
    """Fill an empty log with one entry each that differs in what decides on who sees it, named by `object_repr`."""
    testing.clear()
    for number, (name, model, tenant) in enumerate(
        [
            ("author", "testapp.author", "north"),
            ("book", "testapp.book", "south"),
            ("tag", "testapp.tag", None),
            ("sign-in", "", "north"),
            ("gone", "former.model", None),
            ("renamed", "old.author", "south"),
        ]
    ):
        actor = f"actor of {name}"
        add(
            JUNE + timedelta(days=number),
            model=model,
            object_id=name,
            object_repr=name,
            tenant=tenant,
            actor_id=actor,
            context_id=add_context(actor, actor),
        )


People = dict[str, Callable[[], Any]]
PEOPLE: People = {
    "superuser": lambda: User.objects.create_superuser("root"),
    "inactive superuser": lambda: User.objects.create_superuser("root", is_active=False),
    "viewer": lambda: user_with("v", VIEW),
    "viewer of authors": lambda: user_with("v", VIEW, "testapp.view_author"),
    "changer of books": lambda: user_with("v", VIEW, "testapp.change_book"),
    "deleter of books": lambda: user_with("v", VIEW, "testapp.delete_book"),
    "viewer of authors only": lambda: user_with("v", "testapp.view_author"),
    "exporter only": lambda: user_with("v", "audit_plugin.export_entry"),
    "stranger": AnonymousUser,
}

ALL = {"author", "book", "tag", "sign-in", "gone", "renamed"}
CASES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("superuser", {}, ALL),
    ("inactive superuser", {}, set()),
    ("viewer", {}, {"sign-in"}),
    ("viewer", {"VIEW_REMOVED_MODELS": True}, {"sign-in", "gone", "renamed"}),
    ("viewer of authors", {}, {"sign-in", "author"}),
    (
        "viewer of authors",
        {"RENAMED_MODELS": {"old.author": "testapp.author"}},
        {"sign-in", "author", "renamed"},
    ),
    (
        "viewer",
        {"VIEW_REMOVED_MODELS": True, "RENAMED_MODELS": {"old.author": "testapp.author"}},
        {"sign-in", "gone"},
    ),
    ("changer of books", {}, {"sign-in", "book"}),
    ("deleter of books", {}, {"sign-in"}),
    ("viewer of authors only", {}, set()),
    ("exporter only", {}, set()),
    ("stranger", {}, set()),
    ("superuser", {"TENANT_SCOPE": lambda user: ["north"]}, {"author", "sign-in"}),
    ("superuser", {"TENANT_SCOPE": lambda user: ["north", None]}, {"author", "sign-in", "tag", "gone"}),
    ("superuser", {"TENANT_SCOPE": lambda user: []}, set()),
    ("superuser", {"TENANT_SCOPE": lambda user: None}, ALL),
    ("viewer of authors", {"TENANT_SCOPE": lambda user: ["south"]}, set()),
]


@pytest.mark.parametrize(("who", "given", "expected"), CASES)
def test_every_path_shows_the_same(
    who: str, given: dict[str, Any], expected: set[str], settings: Any
) -> None:
    for name, value in given.items():
        setattr(settings, f"AUDIT_{name}", value)
    user = PEOPLE[who]()
    add_entries()
    visible = visible_entries(user)
    scope = scope_of(user)
    assert {entry.object_repr for entry in visible} == expected
    assert {entry.object_repr for entry in page(visible).entries} == expected
    assert count(visible).value == len(expected)
    assert sum(bar.count for bar in histogram(EntryFilter(), user).bars) == len(expected)
    choices = facets(user)
    assert {choice.value for choice in choices.actors} == {f"actor of {name}" for name in expected}
    assert {choice.value for choice in choices.models} == {entry.model for entry in visible if entry.model}
    assert {choice.value for choice in choices.tenants} == {entry.tenant for entry in visible if entry.tenant}
    assert {entry.object_repr for entry in visible if scope.sees(entry)} == expected
    for name in ALL:
        # Somebody else's key finds nothing, whichever way it is asked for.
        found = {entry.object_repr for entry in EntryFilter(object_id=name).apply(visible)}
        assert found == expected & {name}
        found = {entry.object_repr for entry in EntryFilter(search=f"actor of {name}").apply(visible)}
        assert found == expected & {name}
    for label, name in (("testapp.author", "author"), ("testapp.book", "book")):
        assert {entry.object_repr for entry in history(label, name, entries=visible)} == expected & {name}


@pytest.mark.parametrize(
    ("permissions", "view", "export", "restore"),
    [
        ([], False, False, False),
        (["view"], True, False, False),
        (["export", "restore"], False, False, False),
        (["view", "export"], True, True, False),
        (["view", "restore"], True, False, True),
    ],
)
def test_exporting_and_restoring_need_viewing(
    permissions: list[str], view: bool, export: bool, restore: bool
) -> None:
    user = user_with("u", *(f"audit_plugin.{name}_entry" for name in permissions))
    assert (may_view(user), may_export(user), may_restore(user)) == (view, export, restore)


def test_an_or_on_top_widens_nothing_that_the_rule_has_closed() -> None:
    user = user_with("v", VIEW, "testapp.view_author")
    add_entries()
    visible = visible_entries(user)
    both = visible.filter(object_repr="author") | visible.filter(object_repr="sign-in")
    assert {entry.object_repr for entry in page(both).entries} == {"author", "sign-in"}
    assert {entry.object_repr for entry in page(visible.exclude(object_repr="author")).entries} == {"sign-in"}
