"""The choices of the filters: what is in the log, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from audit_plugin import rollup, testing
from audit_plugin.facets import Choice, Facets, facets
from tests.reading import JUNE, add, add_context, user_with


@pytest.fixture(autouse=True)
def entries(db: None) -> None:
    testing.clear()
    ann = add_context("7", "ann <script>", "ann@example.org")
    add(JUNE, 1, actor_id="7", context_id=ann, tenant="north")
    add(
        JUNE,
        2,
        actor_id="8",
        context_id=add_context("8", "Bo"),
        model="former.model",
        action="photo.approved",
    )
    add(JUNE, 3, actor_id="9", model="", object_id="", object_repr="", channel="auth", action="create")


@pytest.mark.parametrize("counted", [False, True])
def test_what_is_present_alphabetically(counted: bool) -> None:
    if counted:
        rollup.catch_up("default", patience=0)
    assert facets(User(is_superuser=True)) == Facets(
        # Whose context is gone goes by their key.
        actors=[Choice("9", "9"), Choice("7", "ann <script>", "ann@example.org"), Choice("8", "Bo")],
        actions=[
            Choice("create", "Created"),
            Choice("photo.approved", "Photo approved"),
            Choice("update", "Updated"),
        ],
        models=[Choice("testapp.author", "Author"), Choice("former.model", "former.model")],
        channels=[Choice("data", "Data"), Choice("auth", "Sign-in")],
        tenants=[Choice("north", "north")],
    )


def test_what_is_new_since_the_last_count_is_there_too() -> None:
    rollup.catch_up("default", patience=0)
    add(JUNE, 4, actor_id="10", tenant="south", action="delete")
    found = facets(User(is_superuser=True))
    assert {"10"} <= {choice.value for choice in found.actors}
    assert [choice.value for choice in found.tenants] == ["north", "south"]
    assert "delete" in {choice.value for choice in found.actions}


@pytest.mark.parametrize(
    "make", [AnonymousUser, lambda: user_with("x"), lambda: User(is_superuser=True, is_active=False)]
)
def test_who_may_not_view_gets_none(make: Callable[[], User]) -> None:
    assert facets(make()) == Facets([], [], [], [], [])


def test_those_that_are_called_the_same_say_what_they_are(settings: Any) -> None:
    settings.AUDIT_ACTIONS = {"interview.created": {"label": "Created"}}
    add(JUNE, 4, action="interview.created")
    found = [(choice.value, choice.label) for choice in facets(User(is_superuser=True)).actions]
    assert found[:2] == [
        ("create", "Created (create)"),
        ("interview.created", "Created (interview.created)"),
    ]


def test_letters_with_accents_stand_beside_those_without() -> None:
    for number, name in enumerate(["Zoe", "Élodie", "emil", "Ädele"], start=20):
        add(JUNE, number, actor_id=str(number), context_id=add_context(str(number), name))
    found = [choice.label for choice in facets(User(is_superuser=True)).actors]
    assert found == ["9", "Ädele", "ann <script>", "Bo", "Élodie", "emil", "Zoe"]
