"""Asking the API in every engine at once: what they answer has to be the same to the letter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client

from audit_plugin import testing
from sample_project.people.models import Tag
from tests.graphql_schema.engines import ENGINES

#: Subscriptions with their clients, federation and the extension for reads are Strawberry's.
collect_ignore = (
    [] if "strawberry" in ENGINES else ["transports", "clients", "test_federation.py", "test_reads.py"]
)
# A gateway has a host in graphene on the other side.
collect_ignore += [] if len(ENGINES) == 2 else ["gateway"]

Answer = dict[str, Any]


@pytest.fixture(autouse=True)
def _urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.graphql_schema.urls"


@pytest.fixture(autouse=True)
def empty_log_before(db: None) -> None:
    """Begin with an empty log, whatever earlier tests have committed."""
    testing.clear()


@pytest.fixture
def admin(db: None) -> User:
    """Somebody who may do everything."""
    return User.objects.create_superuser("ann", "ann@example.com")


@pytest.fixture
def viewer(db: None) -> User:
    """Somebody who may view the log, but of models only the tags."""
    user = User.objects.create_user("vic")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_entry", "view_tag"]).exclude(
            content_type__app_label="testapp"
        )
    )
    return user


@pytest.fixture
def tags(db: None) -> list[Tag]:
    """Five tags, made one after the other."""
    return [Tag.objects.create(name=f"Tag {number}") for number in range(5)]


def post(client: Client, engine: str, query: str, variables: Answer, **extra: Any) -> Any:
    """Send an operation to one engine."""
    body = {"query": query, "variables": variables}
    return client.post(f"/{engine}/", json.dumps(body), content_type="application/json", **extra)


class Api:
    """The API as one person has it.

    Args:
        user: The person; None for somebody who is not signed in.
    """

    def __init__(self, user: User | None) -> None:
        self.client = Client()
        if user is not None:
            self.client.force_login(user)

    def __call__(self, query: str, **variables: Any) -> Answer:
        """Return what all engines answer, rolled back in between so that each finds the same."""
        answers: list[Answer] = []
        for engine in ENGINES:
            with transaction.atomic():
                answers.append(post(self.client, engine, query, variables).json())
                transaction.set_rollback(engine != ENGINES[-1])
        assert all(answer == answers[0] for answer in answers), answers
        return answers[0]

    def data(self, query: str, **variables: Any) -> Any:
        """Return the value of the only field that is asked for, which has to be without errors."""
        answer = self(query, **variables)
        assert "errors" not in answer, answer
        (value,) = answer["data"].values()
        return value

    def code(self, query: str, **variables: Any) -> str:
        """Return the code of the only error, the same in all engines; texts may be those of the engine."""
        codes = set()
        for engine in ENGINES:
            answer = post(self.client, engine, query, variables).json()
            (error,) = answer["errors"]
            codes.add(error["extensions"]["code"])
        (code,) = codes
        return code


@pytest.fixture
def api() -> Callable[[User | None], Api]:
    """Return a way to ask as somebody."""
    return Api


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each engine by itself."""
    yield request.param
