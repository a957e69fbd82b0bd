"""django-pghistory in the same project: what host code tells it reaches our log."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test import Client, RequestFactory
from pghistory import runtime

from audit_plugin import context
from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from tests.conftest import log_since_now
from tests.context.conftest import Authors, run_async
from tests.testapp.models import Author

INSERT = "INSERT INTO testapp_author (name, api_token) VALUES"


def write(name: str, using: str = "default") -> None:
    Author.objects.using(using).create(name=name)


def actors(log) -> dict[str, tuple[str, str | None]]:
    """Return kind and id of each author's writer: pghistory knows no names."""
    return {
        entry.object_repr: (entry.context.actor_kind, entry.actor_id)
        for entry in log(model="testapp.author", action="create")
    }


@pytest.mark.django_db
def test_its_user_is_the_actor_and_its_metadata_is_ours(alice, bob, log):
    for name, user in (("Ann", alice), ("Ben", bob)):
        with pghistory.context(user=user.pk, job=f"import {name}"):
            write(name)
    write("nobody")
    assert actors(log) == {
        "Ann": ("user", str(alice.pk)),
        "Ben": ("user", str(bob.pk)),
        "nobody": ("system", None),
    }
    (entry,) = log(object_repr="Ben")
    assert entry.context.metadata == {"job": "import Ben"}


@pytest.mark.django_db
def test_it_ends_where_it_ends_also_inside_of_a_transaction(alice, bob, log):
    with transaction.atomic():
        with pghistory.context(user=alice.pk):
            write("Ann")
        write("between")
        with pghistory.context(user=bob.pk):
            write("Ben")
    assert actors(log)["between"] == ("system", None)


@pytest.mark.django_db
def test_the_inner_context_names_the_actor(alice, bob, log):
    with context(actor=alice):
        with pghistory.context(user=bob.pk):
            write("pghistory inside")
        write("after")
    with pghistory.context(user=bob.pk):
        with context(actor=alice):
            write("ours inside")
            pghistory.context(user=bob.pk + 1000)
            write("said again inside")
        with context(reason="no actor"):
            write("nobody named inside")
    assert actors(log) == {
        "pghistory inside": ("user", str(bob.pk)),
        "after": ("user", str(alice.pk)),
        "ours inside": ("user", str(alice.pk)),
        "said again inside": ("user", str(bob.pk + 1000)),
        "nobody named inside": ("user", str(bob.pk + 1000)),
    }


@pytest.mark.django_db
def test_a_context_without_a_user_names_nobody(alice, log):
    with context(actor=alice), pghistory.context(job="import", user=None):
        write("Ann")
    (entry,) = log()
    assert (entry.actor_id, entry.context.metadata) == (str(alice.pk), {"job": "import"})


@pytest.mark.django_db
def test_the_requests_user_keeps_their_name(alice, log):
    request = RequestFactory().post("/shop/")
    request.user = alice
    with under(request_frame(request)), pghistory.context(user=alice.pk, url="/shop/", step=1):
        write("Ann")
    (entry,) = log()
    assert (entry.context.actor_label, entry.context.metadata) == ("Alice Archer", {"step": 1})


@pytest.mark.django_db
@pytest.mark.urls("tests.context.urls")
@pytest.mark.parametrize("place", ["before ours", "after ours"])
def test_its_middleware_and_ours_agree(place, alice, bob, who_wrote: Authors, settings):
    theirs = "pghistory.middleware.HistoryMiddleware"
    at = settings.MIDDLEWARE.index("audit_plugin.middleware.AuditMiddleware") + (place == "after ours")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:at], theirs, *settings.MIDDLEWARE[at:]]
    for name, user in (("Ann", alice), ("Ben", bob)):
        client = Client()
        client.force_login(user)
        client.post(f"/write/{name}/")
        client.post("/sign-out/")
    assert who_wrote(object_repr__in=["Ann", "Ben", "after"]) == {
        "Ann": "Alice Archer",
        "Ben": "Bob Baker",
        "after": "anonymous",
    }


@pytest.mark.django_db(databases=["default", "other"])
def test_what_used_to_fail_or_get_lost_works(alice, log):
    """executemany, a literal percent sign, COPY, another database: each raised an error or lost the context."""
    elsewhere = log_since_now("other")
    with pghistory.context(user=alice.pk), connection.cursor() as cursor:
        cursor.executemany(f"{INSERT} (%s, '')", [["many"]])
        cursor.execute(f"{INSERT} ('percent', '100 %')")
        with cursor.copy("COPY testapp_author (name, api_token) FROM STDIN") as copy:
            copy.write_row(("copied", ""))
        write("other", "other")
    expected = ("user", str(alice.pk))
    assert actors(log) == {"many": expected, "percent": expected, "copied": expected}
    assert actors(elsewhere) == {"other": expected}


@pytest.mark.django_db(transaction=True)
def test_tasks_side_by_side_do_not_share_it(alice, bob, log):
    async def work(user: User, barrier: asyncio.Barrier) -> None:
        async with pghistory.context(user=user.pk):
            await asyncio.wait_for(barrier.wait(), 20)
            await Author.objects.acreate(name=user.username)
            await asyncio.wait_for(barrier.wait(), 20)

    async def main() -> None:
        barrier = asyncio.Barrier(2)
        await asyncio.gather(work(alice, barrier), work(bob, barrier))
        await Author.objects.acreate(name="nobody")

    run_async(main)
    assert actors(log) == {
        "alice": ("user", str(alice.pk)),
        "bob": ("user", str(bob.pk)),
        "nobody": ("system", None),
    }


@pytest.mark.django_db(transaction=True)
def test_tasks_within_it_do_not_change_it_for_each_other(alice, bob, log):
    async def work(user: User, barrier: asyncio.Barrier) -> None:
        async with pghistory.context(user=user.pk):
            await asyncio.wait_for(barrier.wait(), 20)
            await Author.objects.acreate(name=user.username)

    async def main() -> None:
        barrier = asyncio.Barrier(2)
        async with pghistory.context(job="import"):
            await asyncio.gather(work(alice, barrier), work(bob, barrier))
            await Author.objects.acreate(name="after")

    run_async(main)
    assert actors(log) == {
        "alice": ("user", str(alice.pk)),
        "bob": ("user", str(bob.pk)),
        "after": ("system", None),
    }
    assert {entry.context.metadata["job"] for entry in log(model="testapp.author")} == {"import"}


@pytest.mark.django_db(transaction=True)
def test_a_pool_works_under_it_too(alice, bob, log):
    def work(name: str) -> None:
        try:
            write(name)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        for name, user in (("Ann", alice), ("Ben", bob)):
            with pghistory.context(user=user.pk):
                pool.submit(work, name)
        pool.submit(work, "nobody")
    assert actors(log) == {
        "Ann": ("user", str(alice.pk)),
        "Ben": ("user", str(bob.pk)),
        "nobody": ("system", None),
    }


def test_its_own_interface_is_as_it_was():
    assert not hasattr(runtime._tracker, "value")
    with pghistory.context(a=1) as outer:
        pghistory.context(b=2)
        with pghistory.context(c=3) as inner:
            assert inner.id == outer.id
        assert outer.metadata == {"a": 1, "b": 2, "c": 3}
    assert not hasattr(runtime._tracker, "value")
