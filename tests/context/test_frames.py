"""A context ends exactly where it ends, and nothing that was entered before is ever changed by it."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import pytest

from audit_plugin import carry, context
from audit_plugin.context import current

ALICE = SimpleNamespace(pk=1, is_authenticated=True)
BOB = SimpleNamespace(pk=2, is_authenticated=True)


def acting() -> object:
    frame = current()
    return None if frame is None else frame.actor


def test_nobody_acts_outside_of_a_context():
    assert current() is None


def test_the_outer_context_is_back_when_the_inner_one_ends():
    with context(actor=ALICE) as outer:
        with context(actor=BOB):
            assert acting() is BOB
        assert current() is outer
    assert current() is None


def test_the_outer_context_is_back_after_an_exception():
    with context(actor=ALICE) as outer:
        with pytest.raises(ZeroDivisionError), context(actor=BOB):
            1 / 0  # noqa: B018
        assert current() is outer


def test_what_is_not_given_comes_from_the_outer_context():
    outer = context(actor=ALICE, source="import", tenant="north", ticket=7)
    with outer, context(name="step", reason="because") as inner:
        assert (inner.actor, inner.source, inner.tenant, inner.name) == (ALICE, "import", "north", "step")
        assert inner.metadata == {"ticket": 7, "reason": "because"}


def test_an_inner_context_changes_nothing_of_the_outer_one():
    with context(actor=ALICE, ticket=7) as outer:
        before = repr(outer)
        with context(actor=BOB, ticket=8, tenant="south"):
            pass
        assert repr(outer) == before


def test_a_frame_can_not_be_changed():
    with context(actor=ALICE) as frame, pytest.raises(FrozenInstanceError):
        frame.actor = BOB  # type: ignore[misc]


def test_another_actor_is_not_impersonated_by_whoever_impersonated_the_first():
    with context(actor=ALICE, impersonator=BOB):
        with context(actor="billing") as frame:
            assert frame.impersonator is None
        with context(reason="same actor") as frame:
            assert frame.impersonator is BOB


def test_none_is_the_system_and_not_the_outer_actor():
    with context(actor=ALICE), context(actor=None) as frame:
        assert frame.actor is None


@pytest.mark.parametrize("actor", [5, 1.5, b"bytes", object()])
def test_what_is_no_actor_is_refused_at_once(actor):
    with pytest.raises(TypeError, match="An actor is a user"):
        context(actor=actor)


def test_restored_from_takes_an_id_and_its_text():
    entry = uuid.uuid4()
    with context(restored_from=str(entry)) as frame:
        assert frame.restored_from == entry
    with pytest.raises(ValueError, match="UUID"):
        context(restored_from="not an id")


def test_a_decorated_function_runs_within():
    @context(actor=ALICE)
    def work(depth: int) -> object:
        """Docstring."""
        return work(depth - 1) if depth else acting()

    assert work(2) is ALICE
    assert current() is None
    assert (work.__name__, work.__doc__) == ("work", "Docstring.")


def test_a_decorated_async_function_runs_within():
    @context(actor=ALICE)
    async def work() -> object:
        await asyncio.sleep(0)
        return acting()

    assert asyncio.run(work()) is ALICE
    assert current() is None


def test_one_decorator_serves_concurrent_calls():
    @context(actor=ALICE)
    async def work(seconds: float) -> object:
        await asyncio.sleep(seconds)
        return acting()

    async def main() -> list[object]:
        return await asyncio.gather(work(0.02), work(0), work(0.01))

    assert asyncio.run(main()) == [ALICE] * 3


@pytest.mark.parametrize("kind", ["generator", "asynchronous generator"])
def test_a_generator_can_not_be_decorated(kind):
    def generator():
        yield

    async def asynchronous():
        yield

    with pytest.raises(TypeError, match="generator"):
        context(actor=ALICE)(generator if kind == "generator" else asynchronous)


def test_async_with_and_with_are_the_same():
    async def main() -> None:
        async with context(actor=ALICE) as outer:
            async with context(actor=BOB):
                assert acting() is BOB
            assert current() is outer
        assert current() is None

    asyncio.run(main())


def test_tasks_side_by_side_do_not_see_each_other():
    seen: dict[str, list[object]] = {}

    async def work(name: str, actor: object) -> None:
        async with context(actor=actor):
            seen[name] = []
            for _ in range(3):
                await asyncio.sleep(0)
                seen[name].append(acting())

    async def main() -> None:
        async with context(actor="outer"):
            await asyncio.gather(work("a", ALICE), work("b", BOB))
            assert acting() == "outer"

    asyncio.run(main())
    assert seen == {"a": [ALICE] * 3, "b": [BOB] * 3}


def test_contexts_that_end_in_the_wrong_order_leave_nobody_behind():
    first, second = context(actor=ALICE), context(actor=BOB)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert acting() is BOB
    second.__exit__(None, None, None)
    assert current() is None


def test_a_context_that_ends_in_another_task_changes_nothing_there():
    entered = context(actor=ALICE)

    async def enter() -> None:
        entered.__enter__()

    async def leave() -> object:
        with context(actor=BOB):
            entered.__exit__(None, None, None)
            return acting()

    async def main() -> object:
        await asyncio.create_task(enter())
        return await asyncio.create_task(leave())

    assert asyncio.run(main()) is BOB


def test_one_context_object_can_be_entered_within_itself():
    again = context(actor=ALICE)
    with again, again:
        assert acting() is ALICE
    assert current() is None


def test_carry_takes_the_context_along():
    with context(actor=ALICE):
        carried = carry(acting)
    with context(actor=BOB):
        assert carried() is ALICE
        assert acting() is BOB


def test_carry_takes_along_that_there_was_none():
    carried = carry(acting)
    with context(actor=BOB):
        assert carried() is None


def test_carry_works_for_async_functions():
    async def work() -> object:
        await asyncio.sleep(0)
        return acting()

    with context(actor=ALICE):
        carried = carry(work)
    assert asyncio.run(carried()) is ALICE
