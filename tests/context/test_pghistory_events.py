"""django-pghistory in the same project: its own events carry our author."""

from __future__ import annotations

from collections.abc import Iterator

import pghistory
import pgtrigger
import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import RequestFactory
from pghistory import core
from pghistory.models import Context as PghContext

from audit_plugin import context
from audit_plugin.context import pghistory as bridge
from audit_plugin.context.frames import under
from audit_plugin.context.request import request_frame
from tests.testapp import models as testapp


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
        testapp.Author.objects.create(name="Ann")
    assert len(sent) == 1
    assert "pghistory" not in sent[0]
