"""django-pghistory in the same project: what it is told reaches our log, and what we know reaches its events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pghistory
import pgtrigger
import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, connections, models, transaction
from django.test import Client, RequestFactory
from pghistory import core, runtime
from pghistory.models import Context as PghContext

from audit_plugin import context
from audit_plugin.context import pghistory as bridge
from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from tests.conftest import log_since_now
from tests.context.conftest import Authors, run_async
from tests.testapp import models as testapp
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


@pytest.fixture
def events(db) -> Iterator[type[models.Model]]:
    """A model with events of pghistory's own, made for this test and gone after it."""

    @pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), meta={"app_label": "testapp"})
    class Member(models.Model):
        name = models.CharField(max_length=50)

        class Meta:
            app_label = "testapp"

    event = apps.get_model("testapp", "memberevent")
    with connection.schema_editor() as editor:
        editor.create_model(Member)
        editor.create_model(event)
    triggers = [trigger for model, trigger in pgtrigger.registered() if model is Member]
    for trigger in triggers:
        trigger.install(Member)
    bridge._has_event_models.cache_clear()
    yield Member
    for trigger in triggers:
        trigger.unregister(Member)
    for key in [key for key in core._registered_trackers if key[0] is Member]:
        del core._registered_trackers[key]
    del testapp.MemberEvent  # pghistory puts it there
    del apps.all_models["testapp"]["member"], apps.all_models["testapp"]["memberevent"]
    apps.clear_cache()
    bridge._has_event_models.cache_clear()


def told(events) -> dict[str, object]:
    """Return who wrote, as pghistory's events say."""
    event = apps.get_model("testapp", "memberevent")
    return {
        row.name: row.pgh_context and row.pgh_context.metadata["user"]
        for row in event.objects.select_related("pgh_context").order_by("pgh_id")
    }


def test_its_events_carry_our_author(events, alice, bob):
    for user in (alice, bob):
        request = RequestFactory().post("/shop/")
        request.user = user
        with under(request_frame(request)), transaction.atomic():
            events.objects.create(name=user.username)
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO testapp_member (name) VALUES ('{user.username} 100 %')")
                cursor.executemany(
                    "INSERT INTO testapp_member (name) VALUES (%s)", [[f"{user.username} many"]]
                )
    assert told(events) == {
        "alice": alice.pk,
        "alice 100 %": alice.pk,
        "alice many": alice.pk,
        "bob": bob.pk,
        "bob 100 %": bob.pk,
        "bob many": bob.pk,
    }
    metadata = apps.get_model("testapp", "memberevent").objects.first().pgh_context.metadata
    assert (metadata["actor"], metadata["url"], metadata["source"]) == ("Alice Archer", "/shop/", "web")


def test_nested_contexts_rewrite_no_earlier_event(events, alice, bob):
    with transaction.atomic(), context(actor=alice):
        events.objects.create(name="before")
        with context(actor=bob):
            events.objects.create(name="within")
        member = events.objects.create(name="after")
        member.name = "changed"
        member.save()
        assert member.pk
    with context(actor=None):
        events.objects.create(name="system")
    assert told(events) == {
        "before": alice.pk,
        "within": bob.pk,
        "after": alice.pk,
        "changed": alice.pk,
        "system": None,
    }


def test_what_the_host_told_it_comes_first(events, alice, bob):
    with context(actor=alice, job="ours"):
        with pghistory.context(user=bob.pk, job="theirs"):
            events.objects.create(name="Ann")
        with pghistory.context(job="theirs"):
            events.objects.create(name="Ben")
    assert told(events) == {"Ann": bob.pk, "Ben": alice.pk}
    assert {row.metadata["job"] for row in PghContext.objects.all()} == {"theirs"}


def test_results_and_counts_are_the_statements_own(events, alice):
    with context(actor=alice):
        members = events.objects.bulk_create([events(name="Ann"), events(name="Ben")])
        assert all(member.pk for member in members)
        assert events.objects.filter(name__in=["Ann", "Ben"]).update(name="Cy") == 2
        with connection.cursor() as cursor:
            cursor.execute("UPDATE testapp_member SET name = %s WHERE name = 'Cy' RETURNING name", ["50 %"])
            assert cursor.fetchall() == [("50 %",), ("50 %",)]
            cursor.execute(b"DELETE FROM testapp_member")
            assert cursor.rowcount == 2


def test_without_events_the_database_is_told_nothing(db, alice):
    sent: list[str] = []

    def host(execute, sql, params, many, context):
        sent.append(sql)
        return execute(sql, params, many, context)

    with context(actor=alice), connection.execute_wrapper(host):
        write("Ann")
    assert len(sent) == 1
    assert "pghistory" not in sent[0]
