"""Who looked at whom: detail pages of personal records, once in a while, without harm to the page."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import audit_plugin
from audit_plugin import display
from audit_plugin.context import hooks
from audit_plugin.exceptions import EventError
from audit_plugin.filters import EntryFilter
from audit_plugin.history import history, viewers
from audit_plugin.models import Entry
from tests.conftest import Log
from tests.testapp.models import Author, Tag

pytestmark = pytest.mark.urls("tests.events.urls")


@pytest.fixture(autouse=True)
def personal(settings: Any) -> None:
    settings.AUDIT_PERSONAL = ["testapp.Author"]


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_superuser("ben")


@pytest.fixture
def page(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


def reads(log: Log) -> list[Entry]:
    return log(channel="pii-read")


def test_the_admin_s_change_page(page: Client, author: Author, ben: User, log: Log) -> None:
    url = f"/admin/testapp/author/{author.pk}/change/"
    assert page.get(url, REMOTE_ADDR="192.0.2.9").status_code == 200
    (entry,) = reads(log)
    assert (entry.action, entry.model, entry.object_id) == ("pii.read", "testapp.author", str(author.pk))
    assert (entry.actor_id, entry.context.ip, entry.context.url) == (str(ben.pk), "192.0.2.9", url)
    assert display.describe(entry) == f"ben viewed Author Ann Archer ({author.pk})"


def test_the_admin_s_history_page(page: Client, author: Author, log: Log) -> None:
    assert page.get(f"/admin/testapp/author/{author.pk}/history/").status_code == 200
    assert len(reads(log)) == 1


def test_lists_new_records_and_missing_ones_are_no_reads(page: Client, author: Author, log: Log) -> None:
    for url in ("", "add/", "9999/change/", "9999/history/"):
        page.get(f"/admin/testapp/author/{url}")
    page.get("/authors/")
    page.get("/api/authors/", headers={"authorization": "Bearer ben"})
    assert reads(log) == []


def test_models_that_are_not_declared_pay_nothing(
    page: Client, author: Author, log: Log, settings: Any
) -> None:
    tag = Tag.objects.create(name="t")

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page.get(url).status_code == 200
        return len(captured)

    url = f"/admin/testapp/tag/{tag.pk}/change/"
    of_author = f"/admin/testapp/author/{author.pk}/change/"
    # What Django looks up once and remembers is looked up now.
    queries(url), queries(of_author)
    undeclared, declared = queries(url), queries(of_author)
    settings.AUDIT_PERSONAL = []
    assert queries(url) == undeclared
    # A savepoint around the one statement: a test is a transaction.
    assert declared - queries(of_author) == 3
    assert [entry.model for entry in reads(log)] == ["testapp.author"]


def test_repeats_within_the_window_are_written_once(
    page: Client, author: Author, ben: User, log: Log, settings: Any
) -> None:
    url = f"/admin/testapp/author/{author.pk}/change/"
    for _ in range(3):
        page.get(url)
    other = Author.objects.create(name="Other")
    page.get(f"/admin/testapp/author/{other.pk}/change/")
    eve = Client()
    eve.force_login(User.objects.create_superuser("eve"))
    eve.get(url)
    assert len(reads(log)) == 3
    settings.AUDIT_READ_WINDOW = 0
    page.get(url)
    assert len(reads(log)) == 4


def test_whoever_acts_as_the_viewer_is_another_viewer(author: Author, ben: User, log: Log) -> None:
    ada = User.objects.create_superuser("ada")
    for impersonator in (None, ada, ada, None):
        with audit_plugin.context(actor=ben, impersonator=impersonator):
            audit_plugin.record_read(author)
    assert [entry.context.impersonator_label for entry in reads(log)] == [None, "ada"]


def test_people_who_are_not_signed_in_are_told_by_their_address(
    author: Author, log: Log, client: Client
) -> None:
    for address in ("192.0.2.7", "192.0.2.8", "192.0.2.7"):
        client.get(f"/authors/{author.pk}/", REMOTE_ADDR=address)
    with audit_plugin.context(actor=None):
        audit_plugin.record_read(author)
        audit_plugin.record_read(author)
    found = [(entry.context.actor_kind, entry.context.ip) for entry in reads(log)]
    assert found == [("anonymous", "192.0.2.7"), ("anonymous", "192.0.2.8"), ("system", None)]


def test_a_view_of_the_host_s(page: Client, author: Author, log: Log) -> None:
    page.get(f"/authors/{author.pk}/?broken")
    page.get("/authors/9999/")
    assert reads(log) == []
    page.get(f"/authors/{author.pk}/")
    assert len(reads(log)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_async_view_of_the_host_s(page: Client, author: Author, ben: User, log: Log) -> None:
    assert page.get("/async-authors/9999/").status_code == 404
    assert page.get(f"/async-authors/{author.pk}/").content == b"Ann Archer"
    assert [(entry.object_id, entry.actor_id) for entry in reads(log)] == [(str(author.pk), str(ben.pk))]


def test_an_api(ben: User, author: Author, client: Client, log: Log) -> None:
    headers = {"authorization": "Bearer ben"}
    client.get(f"/api/authors/{author.pk}/", headers=headers)
    (entry,) = reads(log)
    assert entry.actor_id == str(ben.pk)
    other = Author.objects.create(name="Deleted, not read")
    client.delete(f"/api/authors/{other.pk}/", headers=headers)
    client.get(f"/api/authors/{author.pk}/", headers={"authorization": "Bearer nobody"})
    assert len(reads(log)) == 1


def test_by_hand_also_for_models_that_are_not_declared(log: Log, db: None) -> None:
    tag = Tag.objects.create(name="t")
    with audit_plugin.context(actor="support"):
        audit_plugin.record_read(tag, reason="Ticket 7")
    (entry,) = reads(log)
    assert (entry.model, entry.details) == ("testapp.tag", {"reason": "Ticket 7"})


def test_without_a_request(author: Author, log: Log, strict: None, settings: Any) -> None:
    with pytest.raises(EventError, match="who looked"):
        audit_plugin.record_read(author)
    settings.AUDIT_STRICT_EVENTS = False
    audit_plugin.record_read(author)
    (entry,) = reads(log)
    assert entry.context.actor_kind == "system"


def test_a_log_that_fails_leaves_the_page_alone(
    page: Client, author: Author, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hooks, "_reported", set())
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION audit_plugin_record_v1 RENAME TO audit_plugin_gone")
    response = page.get(f"/admin/testapp/author/{author.pk}/change/")
    assert response.status_code == 200 and "could not be recorded" in caplog.text
    # The transaction around it is still good.
    assert Author.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_async_code(log: Log) -> None:
    author = Author.objects.create(name="Ann")

    async def look() -> None:
        async with audit_plugin.context(actor="bot"):
            await audit_plugin.arecord_read(author)
        await sync_to_async(connections.close_all)()

    thread = threading.Thread(target=lambda: asyncio.run(look()))
    thread.start()
    thread.join()
    assert [entry.actor_id for entry in reads(log)] == ["service:bot"]


@pytest.mark.django_db(transaction=True)
def test_async_code_that_forgets_to_wait(log: Log, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    author = Author.objects.create(name="Ann")

    async def look() -> None:
        async with audit_plugin.context(actor="bot"):
            audit_plugin.record_read(author)

    def run() -> None:
        # Playwright's loop may run in the tests' own thread.
        with ThreadPoolExecutor(1) as executor:
            executor.submit(asyncio.run, look()).result()

    run()
    assert [entry.actor_id for entry in reads(log)] == ["service:bot"] and "arecord_read" in caplog.text
    settings.AUDIT_STRICT_EVENTS = True
    with pytest.raises(EventError, match="arecord_read"):
        run()


def test_who_viewed_this_record(page: Client, author: Author, ben: User, settings: Any) -> None:
    settings.AUDIT_READ_WINDOW = 0
    for _ in range(2):
        page.get(f"/admin/testapp/author/{author.pk}/change/")
    with audit_plugin.context(actor="bot"):
        audit_plugin.record_read(author)
    found = viewers(Author, author.pk)
    assert [(viewer.actor_id, viewer.times) for viewer in found] == [("service:bot", 1), (str(ben.pk), 2)]
    assert found[0].last > found[1].last and found[1].context and found[1].context.actor_label == "ben"
    given = {"channel": "pii-read", "model": "testapp.author", "record": str(author.pk)}
    by_filter, errors = EntryFilter.parse(given)
    assert not errors and by_filter.apply(Entry.objects.all()).count() == 3
    assert {"create", "pii.read"} == {entry.action for entry in history(Author, author.pk)}


def test_the_page_of_a_record_s_history_names_them_and_is_a_read_itself(
    client: Client, author: Author, ben: User, log: Log
) -> None:
    client.force_login(ben)
    with override_settings(ROOT_URLCONF="sample_project.urls"):
        url = reverse("admin:audit_plugin_entry_record", args=["testapp.author", author.pk])
        client.get(url)
        assert [entry.object_id for entry in reads(log)] == [str(author.pk)]
        content = client.get(url).content.decode()
        assert "1 person or service viewed this record" in content and "Who viewed this record" in content
        found = client.get(
            reverse("admin:audit_plugin_entry_changelist"),
            {"channel": "pii-read", "model": "testapp.author", "record": author.pk},
        )
    assert "Viewed" in found.content.decode()


def test_a_setting_that_names_nothing_breaks_no_page(page: Client, author: Author, settings: Any) -> None:
    settings.AUDIT_PERSONAL = ["testapp.Auther"]
    assert page.get(f"/admin/testapp/author/{author.pk}/change/").status_code == 200
