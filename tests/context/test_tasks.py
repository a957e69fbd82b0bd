"""Asyncio tasks side by side, outside of any request: consumers, websockets, workers."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async

from audit_plugin import context
from tests.context.conftest import run_async
from tests.testapp.models import Author

pytestmark = pytest.mark.django_db(transaction=True)


def test_tasks_side_by_side_keep_their_users(alice, bob, who_wrote):
    async def work(name: str, user: object, barrier: asyncio.Barrier) -> None:
        async with context(actor=user):
            await Author.objects.acreate(name=f"{name} 1")
            await asyncio.wait_for(barrier.wait(), 20)
            await Author.objects.acreate(name=f"{name} 2")

    async def main() -> None:
        barrier = asyncio.Barrier(3)
        await asyncio.gather(
            work("Ann", alice, barrier), work("Ben", bob, barrier), work("Cy", alice, barrier)
        )
        await Author.objects.acreate(name="nobody")

    run_async(main)
    assert who_wrote() == {
        "Ann 1": "Alice Archer",
        "Ann 2": "Alice Archer",
        "Ben 1": "Bob Baker",
        "Ben 2": "Bob Baker",
        "Cy 1": "Alice Archer",
        "Cy 2": "Alice Archer",
        "nobody": "system",
    }


def test_a_task_inherits_where_it_was_created(alice, bob, who_wrote):
    async def work(name: str) -> None:
        await asyncio.sleep(0)
        await Author.objects.acreate(name=name)

    async def main() -> None:
        async with context(actor=alice):
            task = asyncio.create_task(work("created by Alice"))
        async with context(actor=bob):
            await task
            await work("awaited by Bob")

    run_async(main)
    assert who_wrote() == {"created by Alice": "Alice Archer", "awaited by Bob": "Bob Baker"}


def test_a_context_entered_in_a_task_does_not_reach_its_sibling(alice, bob, who_wrote):
    entered, written = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with context(actor=alice):
            entered.set()
            await written.wait()

    async def second() -> None:
        await entered.wait()
        await Author.objects.acreate(name="sibling")
        written.set()

    async def main() -> None:
        async with context(actor=bob):
            await asyncio.gather(first(), second())

    run_async(main)
    assert who_wrote() == {"sibling": "Bob Baker"}


def test_sync_code_called_from_a_task_is_the_tasks(alice, bob, who_wrote):
    @sync_to_async
    def work(name: str) -> None:
        with context(reason=name):
            Author.objects.create(name=name)

    async def main() -> None:
        for user, name in ((alice, "Ann"), (bob, "Ben")):
            async with context(actor=user):
                await work(name)

    run_async(main)
    assert who_wrote() == {"Ann": "Alice Archer", "Ben": "Bob Baker"}
    assert who_wrote.one(object_repr="Ben").metadata == {"reason": "Ben"}
