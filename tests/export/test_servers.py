"""Downloads from real servers, by clients that read to the end and by clients that hang up."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from audit_plugin.context.ids import uuid7
from audit_plugin.export.stream import EXPORTED
from audit_plugin.models import Entry
from tests.export.conftest import TENANT, add_many, make_user
from tests.export.servers import COMMANDS, Visitor, running
from tests.export.test_record import export_backends, no_export_backends
from tests.servers import Server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

MEGABYTE = 1024 * 1024


class Host:
    """A server with a user who exports."""

    def __init__(self, server: Server, user: User, tenant: str) -> None:
        self.server, self.user, self.tenant = server, user, tenant
        client = Client()
        client.force_login(user)
        self.session = client.cookies["sessionid"].value

    def path(self, **choices: Any) -> str:
        return f"/export/?{urlencode({'tenant': self.tenant, **choices})}"

    def get(self, **choices: Any) -> httpx.Response:
        url = f"http://127.0.0.1:{self.server.port}{self.path(**choices)}"
        return httpx.get(url, cookies={"sessionid": self.session}, timeout=60)

    def visit(self, **choices: Any) -> Visitor:
        return Visitor(self.server.port, self.path(**choices), self.session)

    def ends(self) -> list[dict[str, Any]]:
        """Return what the log says of this user's exports that have ended."""
        found = Entry.objects.filter(
            action=EXPORTED, actor_id=str(self.user.pk), details__filters__tenant=self.tenant
        )
        return [entry.details for entry in found.order_by("seq")]


@pytest.fixture(scope="module", params=sorted(COMMANDS))
def server(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[Server]:
    with running(request.param) as started:
        yield started


@pytest.fixture
def host(server: Server, transactional_db: None) -> Host:
    user = make_user(
        f"u{uuid7()}", "audit_plugin.view_entry", "audit_plugin.export_entry", "testapp.view_author"
    )
    return Host(server, user, f"{TENANT}-{uuid7()}")


def eventually(condition: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_download(host: Host) -> None:
    add_many(host.tenant, 300)
    response = host.get(format="json")
    assert response.status_code == 200 and len(response.json()["entries"]) == 300
    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-disposition"].startswith('attachment; filename="audit-logs-')
    assert response.headers["cache-control"] == "private, no-store"
    [details] = eventually(host.ends)
    assert (details["count"], details["complete"], details["format"]) == (300, True, "json")
    assert no_export_backends()


def test_the_beginning_arrives_before_the_end_is_made(host: Host) -> None:
    add_many(host.tenant, 100)
    with host.visit(sleep=0.2) as visitor:
        assert visitor.read_until(b"Date & Time").endswith(b"Changes\n\r\n")
        # Twenty seconds of work are still ahead: a response that is gathered first would have them behind.
        assert host.ends() == []
        [pid] = eventually(export_backends)
        visitor.hang_up()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_cancel_backend(%s)", [pid])
    assert eventually(lambda: not export_backends())


def test_a_client_that_hangs_up(host: Host) -> None:
    add_many(host.tenant, 20_000)
    with host.visit(format="ndjson") as visitor:
        assert b"200 OK" in visitor.read(200_000)
        visitor.hang_up()
    [details] = eventually(host.ends)
    assert details["complete"] is False
    assert 0 < details["count"] < 20_000
    assert eventually(lambda: not export_backends())
    # The server is well, and the next download is whole.
    assert len(host.get(format="ndjson", columns="id").content.splitlines()) == 20_000
    assert eventually(lambda: len(host.ends()) == 2) and host.ends()[1]["complete"] is True


# A WSGI server learns that nobody is there only when it has something to send.
@pytest.mark.parametrize("server", ["uvicorn"], indirect=True)
def test_a_client_that_hangs_up_while_the_database_is_busy(host: Host) -> None:
    add_many(host.tenant, 100)
    with host.visit(format="ndjson", sleep=1) as visitor:
        assert eventually(export_backends)
        visitor.hang_up()
    # The statement would go on for a hundred seconds.
    [details] = eventually(host.ends)
    assert (details["complete"], details["count"]) == (False, 0)
    assert eventually(lambda: not export_backends())


def test_the_database_goes_away(host: Host) -> None:
    add_many(host.tenant, 20_000)
    with host.visit(format="json") as visitor:
        visitor.read(200_000)
        [pid] = eventually(export_backends)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        received = visitor.read(10**9)
    # Nobody takes what arrived for the whole: neither the end of the document nor that of the answer is there.
    assert b'"count"' not in received[-200:] and not received.endswith(b"0\r\n\r\n")
    [details] = eventually(host.ends)
    assert (details["complete"], details["reason"]) == (False, "OperationalError")


def test_memory_does_not_grow_with_the_file(host: Host) -> None:
    add_many(host.tenant, 100_000)
    assert host.get(format="csv", columns="id", record="none").status_code == 200
    before = host.server.reset_peak()
    url = f"http://127.0.0.1:{host.server.port}{host.path(format='json')}"
    size = 0
    with httpx.stream("GET", url, cookies={"sessionid": host.session}, timeout=120) as response:
        for piece in response.iter_bytes():
            size += len(piece)
    assert size > 100 * MEGABYTE
    assert host.server.peak() - before < 20 * MEGABYTE


@pytest.mark.parametrize(
    "choices", [{"format": "pdf"}, {"columns": "x"}, {"since": "2026-02-31"}, {"dates": "?"}]
)
def test_bad_requests_are_no_server_errors(host: Host, choices: dict[str, str]) -> None:
    assert host.get(**choices).status_code == 400


def test_somebody_without_the_permission(host: Host) -> None:
    host.user.user_permissions.clear()
    assert host.get().status_code == 403
    assert host.ends() == []


def test_a_workbook(host: Host) -> None:
    add_many(host.tenant, 50)
    response = host.get(format="xlsx")
    assert response.content.startswith(b"PK")
    [details] = eventually(host.ends)
    assert json.dumps(details["columns"]) and details["count"] == 50 and details["complete"] is True
