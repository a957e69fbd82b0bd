"""Two people, and the question that every test asks: who wrote what?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections

from tests.conftest import Log


class Authors:
    """Tells who wrote the authors of the test app, by their name: `{"Ann": "Alice Archer"}`."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def __call__(self, **filters: object) -> dict[str, str]:
        found = {}
        for entry in self.log(model="testapp.author", **filters):
            context = entry.context
            assert entry.actor_id == context.actor_id, "entry and context name different actors"
            found[entry.object_repr] = context.actor_label or context.actor_kind
        return found

    def one(self, **filters: object):
        """Return the context of the only entry."""
        (entry,) = self.log(model="testapp.author", **filters)
        return entry.context


@pytest.fixture
def who_wrote(log: Log) -> Authors:
    return Authors(log)


def run_async(main: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run `main` on an event loop of its own, and close the connections that its threads have opened."""

    async def closing() -> None:
        try:
            await main()
        finally:
            await sync_to_async(connections.close_all)()

    asyncio.run(closing())


def make_user(name: str) -> User:
    first, last = name.split()
    return User.objects.create_user(
        first.lower(), f"{first.lower()}@example.org", first_name=first, last_name=last
    )


@pytest.fixture
def alice(db: None) -> User:
    return make_user("Alice Archer")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("Bob Baker")
