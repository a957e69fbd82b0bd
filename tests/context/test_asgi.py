"""Views behind a real ASGI server (uvicorn), with the requests of two users going on at the same time."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.test import Client

from tests.context.conftest import Authors

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.context.urls")]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    config = uvicorn.Config(
        get_asgi_application(), host="127.0.0.1", port=0, lifespan="off", log_level="warning", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.02)
    host, port = server.servers[0].sockets[0].getsockname()
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join(10)


def cookies_of(user: User | None) -> dict[str, str]:
    if user is None:
        return {}
    client = Client()
    client.force_login(user)
    return {name: morsel.value for name, morsel in client.cookies.items()}


def get_all(server: str, requests: list[tuple[User | None, str]], **params: str) -> None:
    """Send all requests at once and wait until all are answered."""

    async def main() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=server, timeout=30) as client:
            sent = []
            for user, target in requests:
                request = client.build_request("GET", target, params=params)
                request.headers["cookie"] = "; ".join(f"{k}={v}" for k, v in cookies_of_all[user].items())
                sent.append(client.send(request))
            return await asyncio.gather(*sent)

    cookies_of_all = {user: cookies_of(user) for user, _ in requests}
    for response in asyncio.run(main()):
        assert response.status_code == 200, response.text


# Django warns that it has to read a synchronous body to its end.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
@pytest.mark.parametrize("view", ["awrite", "astream", "ain-thread", "write", "raw", "stream", "pool"])
def test_requests_at_the_same_time_keep_their_users(view, server, alice, bob, who_wrote: Authors):
    users = {"Ann": alice, "Ben": bob, "Cy": alice, "Dee": None, "Eve": bob}
    requests = [(user, f"/{view}/{name}/") for name, user in users.items()]
    get_all(server, requests, party=str(len(requests)), place=str(uuid.uuid4()))
    labels = {alice: "Alice Archer", bob: "Bob Baker", None: "anonymous"}
    for name, user in users.items():
        assert set(who_wrote(object_repr__startswith=name).values()) == {labels[user]}, name


def test_tasks_of_one_request_are_its_users(server, alice, bob, who_wrote: Authors):
    requests = [(alice, "/atasks/Ann/"), (bob, "/atasks/Ben/")]
    get_all(server, requests, party="4", place=str(uuid.uuid4()))
    assert who_wrote() == {
        "Ann 1": "Alice Archer",
        "Ann 2": "Alice Archer",
        "Ben 1": "Bob Baker",
        "Ben 2": "Bob Baker",
    }


def test_the_context_describes_the_request(server, alice, who_wrote: Authors):
    get_all(server, [(alice, "/awrite/Ann/")])
    context = who_wrote.one(object_repr="Ann 1")
    assert (context.source, context.name, context.method, context.url) == (
        "web",
        "awrite",
        "GET",
        "/awrite/Ann/",
    )
    assert (context.ip, context.user_agent) == ("127.0.0.1", f"python-httpx/{httpx.__version__}")


def test_signing_in_and_out(server, alice, bob, who_wrote: Authors):
    get_all(server, [(bob, "/asign-in/alice/")])
    assert who_wrote() == {"before": "Bob Baker", "after": "Alice Archer"}


def test_signing_out(server, alice, who_wrote: Authors):
    get_all(server, [(alice, "/asign-out/")])
    assert who_wrote() == {"before": "Alice Archer", "after": "anonymous"}
