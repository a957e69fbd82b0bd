"""graphql-transport-ws from real servers, by a client that may do anything."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.graphql_schema.transports.servers import FEED, headers_of, running
from tests.servers import Server
from tests.testapp.models import Author

pytestmark = pytest.mark.django_db(transaction=True)

PROTOCOL = "graphql-transport-ws"


@contextmanager
def opened(
    server: Server,
    cookies: dict[str, str] | None = None,
    *,
    path: str = "/graphql/",
    protocol: str | None = PROTOCOL,
    origin: str | None = None,
    language: str = "en",
) -> Iterator[ClientConnection]:
    with connect(
        f"ws://127.0.0.1:{server.port}{path}",
        subprotocols=[Subprotocol(protocol)] if protocol else None,
        origin=Origin(origin) if origin else None,
        additional_headers={"Cookie": headers_of(cookies or {})["Cookie"], "Accept-Language": language},
        open_timeout=30,
    ) as socket:
        yield socket


def say(socket: ClientConnection, **message: Any) -> None:
    socket.send(json.dumps(message))


def hear(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=30))


def begin(socket: ClientConnection, query: str = FEED, id: str = "1", **variables: Any) -> None:
    say(socket, type="connection_init")
    assert hear(socket) == {"type": "connection_ack"}
    say(socket, type="subscribe", id=id, payload={"query": query, "variables": variables})


def closing(socket: ClientConnection) -> int:
    """Read to the end and return the code that the server closed with."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            socket.recv(timeout=30)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


@pytest.mark.parametrize("server", ["uvicorn", "daphne", "channels"], indirect=True)
def test_entries_arrive_until_the_client_has_enough(server: Server, cookies: dict[str, str]) -> None:
    with opened(server, cookies) as socket:
        assert socket.subprotocol == PROTOCOL
        begin(socket)
        first = hear(socket)
        assert (first["type"], first["id"]) == ("next", "1")
        assert first["payload"]["data"]["auditFeed"]["entry"] is None
        Author.objects.create(name="Ann")
        step = hear(socket)["payload"]["data"]["auditFeed"]
        assert step["entry"]["objectRepr"] == "Ann"
        say(socket, type="complete", id="1")
        Author.objects.create(name="Bob")
        say(socket, type="ping", payload={"n": 1})
        assert hear(socket) == {"type": "pong", "payload": {"n": 1}}
        # The same id is free again, and goes on where the other one was left.
        say(socket, type="subscribe", id="1", payload={"query": FEED, "variables": {"after": step["cursor"]}})
        assert hear(socket)["payload"]["data"]["auditFeed"]["entry"] is None
        assert hear(socket)["payload"]["data"]["auditFeed"]["entry"]["objectRepr"] == "Bob"


def test_errors_end_the_subscription_and_nothing_else(server: Server, cookies: dict[str, str]) -> None:
    with opened(server, cookies) as socket:
        begin(socket, after="?")
        told = hear(socket)
        assert (told["type"], told["id"]) == ("error", "1")
        assert [error["extensions"]["code"] for error in told["payload"]] == ["INVALID_CURSOR"]
        say(socket, type="subscribe", id="2", payload={"query": "{ auditEntryCount { value } }"})
        told = hear(socket)
        assert (told["id"], told["payload"][0]["extensions"]["code"]) == ("2", "BAD_REQUEST")
        say(socket, type="subscribe", id="1", payload={"query": FEED})
        assert hear(socket)["type"] == "next"


def test_a_session_that_ends(server: Server, viewer: User, cookies: dict[str, str]) -> None:
    with opened(server, cookies) as socket:
        begin(socket)
        assert hear(socket)["type"] == "next"
        User.objects.filter(pk=viewer.pk).update(is_active=False)
        while (told := hear(socket))["type"] == "next":
            pass
        assert told["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_nobody(server: Server, transactional_db: None) -> None:
    with opened(server) as socket:
        begin(socket)
        assert hear(socket)["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_errors_are_in_the_language_of_the_handshake(server: Server, transactional_db: None) -> None:
    with opened(server, language="de") as socket:
        begin(socket)
        assert hear(socket)["payload"][0]["message"] == "Melden Sie sich an, um das Audit-Log zu sehen."
        say(socket, type="subscribe", id="2", payload={"query": "{ auditEntryCount { value } }"})
        text = "Senden Sie Abfragen und Änderungen (queries, mutations) per HTTP."
        assert hear(socket)["payload"][0]["message"] == text


@pytest.mark.parametrize("protocol", ["graphql-ws", None])
def test_other_protocols_are_refused(server: Server, protocol: str | None) -> None:
    with opened(server, protocol=protocol) as socket:
        assert closing(socket) == 4406


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://127.0.0.1:{port}", True),
        ("https://desk.example", True),
        ("https://a.trusted.example", True),
        ("https://127.0.0.1:{port}", False),
        ("http://127.0.0.1:1", False),
        ("http://desk.example", False),
        ("https://eviltrusted.example", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
def test_pages_of_others_are_refused(server: Server, origin: str | None, allowed: bool) -> None:
    given = origin and origin.format(port=server.port)
    if allowed:
        with opened(server, origin=given) as socket:
            assert socket.subprotocol == PROTOCOL
    else:
        with pytest.raises(InvalidStatus) as caught, opened(server, origin=given):
            pass
        assert caught.value.response.status_code == 403


def test_other_paths_are_refused_or_the_hosts(server: Server) -> None:
    with pytest.raises(InvalidStatus) as caught, opened(server, path="/elsewhere/"):
        pass
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("server", ["channels"], indirect=True)
def test_beside_channels(server: Server) -> None:
    with opened(server, path="/echo/", protocol=None) as socket:
        socket.send("hello")
        assert socket.recv(timeout=10) == "hello"


@pytest.mark.parametrize("server", ["channels"], indirect=True)
def test_a_hosts_own_subscription_in_the_same_schema(server: Server, cookies: dict[str, str]) -> None:
    with opened(server, cookies) as socket:
        begin(socket, "subscription { count(upto: 2) }")
        told = [hear(socket) for _ in range(3)]
        assert [message.get("payload") for message in told] == [
            {"data": {"count": 0}},
            {"data": {"count": 1}},
            None,
        ]
        assert told[-1] == {"type": "complete", "id": "1"}


def before_init(socket: ClientConnection) -> None:
    say(socket, type="subscribe", id="1", payload={"query": FEED})


def init_twice(socket: ClientConnection) -> None:
    say(socket, type="connection_init")
    say(socket, type="connection_init")


def the_same_id(socket: ClientConnection) -> None:
    begin(socket)
    assert hear(socket)["type"] == "next"
    say(socket, type="subscribe", id="1", payload={"query": FEED})


@pytest.mark.parametrize(
    ("misbehave", "code"),
    [
        (before_init, 4401),
        (init_twice, 4429),
        (the_same_id, 4409),
        (lambda socket: socket.send("no JSON"), 4400),
        (lambda socket: socket.send("[" * 50_000), 4400),
        (lambda socket: socket.send("[]"), 4400),
        (lambda socket: socket.send(b"{}"), 4400),
        (lambda socket: socket.send('{"type": "%s"}' % ("x" * 100_000)), 4400),
        (lambda socket: say(socket, type="start"), 4400),
        (lambda socket: say(socket, type="connection_init", payload=[]), 4400),
        (lambda socket: begin(socket, id=""), 4400),
        (lambda socket: (begin(socket), say(socket, type="subscribe", id="2", payload={"query": 1})), 4400),
    ],
)
def test_who_breaks_the_rules_is_told_which(
    server: Server, cookies: dict[str, str], misbehave: Callable[[ClientConnection], Any], code: int
) -> None:
    with opened(server, cookies) as socket:
        misbehave(socket)
        assert closing(socket) == code


def test_who_says_nothing_is_let_go(transactional_db: None) -> None:
    with running("uvicorn", AUDIT_TEST_INIT_SECONDS="0.5") as server, opened(server) as socket:
        began = time.monotonic()
        assert closing(socket) == 4408
        assert time.monotonic() - began < 8


def test_too_many_subscriptions_on_one_connection(server: Server, cookies: dict[str, str]) -> None:
    with opened(server, cookies) as socket:
        begin(socket, id="0")
        for number in range(1, 51):
            say(socket, type="subscribe", id=str(number), payload={"query": FEED})
        told: dict[str, str] = {}
        while len(told) < 51:
            message = hear(socket)
            told[message["id"]] = message["type"]
        assert [id for id, kind in told.items() if kind == "error"] == ["50"]


def test_a_server_that_is_told_to_end(cookies: dict[str, str]) -> None:
    with running("uvicorn") as server, opened(server, cookies) as socket:
        begin(socket)
        assert hear(socket)["type"] == "next"
        server.process.terminate()
        assert closing(socket) == 1012
        server.process.wait(timeout=30)
