"""The servers of subscriptions, and clients of theirs that stay as simple as can be."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
from django.contrib.auth.models import User
from django.test import Client

from tests.servers import Server, serving

APP = "tests.graphql_schema.transports.server"

COMMANDS = {
    "uvicorn": ["uvicorn", "--port={port}", "--log-level=warning", f"{APP}:asgi"],
    "channels": ["uvicorn", "--port={port}", "--log-level=warning", f"{APP}:channels"],
    "daphne": ["daphne", "--bind=127.0.0.1", "--port={port}", "--verbosity=0", f"{APP}:asgi"],
    "gunicorn": ["gunicorn", "--threads=4", "--graceful-timeout=2", "--bind=127.0.0.1:{port}", f"{APP}:wsgi"],
}

FEED = "subscription ($after: String) { auditFeed(after: $after) { cursor entry { id action objectRepr actor { label } } } }"


def running(name: str, port: int = 0, **environment: str) -> AbstractContextManager[Server]:
    """Run a server, at a free port unless one is given."""
    given = {"DJANGO_SETTINGS_MODULE": "tests.graphql_schema.transports.server_settings"} | environment
    return serving(COMMANDS[name], port, **given)


def cookies_of(user: User) -> dict[str, str]:
    """Return the cookies of somebody who has signed in, the one against forged requests included."""
    client = Client()
    client.force_login(user)
    return {"sessionid": client.cookies["sessionid"].value, "csrftoken": "x" * 32}


def headers_of(cookies: dict[str, str]) -> dict[str, str]:
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies.get("csrftoken", ""),
        "Accept": "text/event-stream",
    }


class Subscriber:
    """A client of server-sent events, in a thread of its own."""

    def __init__(
        self,
        port: int,
        cookies: dict[str, str],
        query: str = FEED,
        on_event: Callable[[Any], None] | None = None,
        headers: dict[str, str] | None = None,
        **variables: Any,
    ) -> None:
        self.events: list[tuple[str, Any]] = []
        self.response: httpx.Response | None = None
        self.failure: Exception | None = None
        self._changed = threading.Condition()
        self._on_event = on_event
        self._body = {"query": query, "variables": variables}
        self._headers = headers_of(cookies) | (headers or {})
        self._url = f"http://127.0.0.1:{port}/graphql/"
        self._leaving = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with (
                httpx.Client(timeout=60) as client,
                client.stream("POST", self._url, json=self._body, headers=self._headers) as response,
            ):
                with self._changed:
                    self.response = response
                    self._changed.notify_all()
                name = ""
                for line in response.iter_lines():
                    if self._leaving:
                        return
                    if line.startswith("event:"):
                        name = line.removeprefix("event:").strip()
                    elif line.startswith("data:"):
                        text = line.removeprefix("data:").strip()
                        self._take(name, json.loads(text) if text else None)
        except Exception as error:
            self.failure = error
        finally:
            with self._changed:
                self._changed.notify_all()

    def _take(self, name: str, data: Any) -> None:
        with self._changed:
            self.events.append((name, data))
            self._changed.notify_all()
        if self._on_event is not None:
            self._on_event(data)

    @property
    def feed(self) -> list[Any]:
        """The steps of the feed."""
        return [data["data"]["auditFeed"] for name, data in self.events if name == "next" and data["data"]]

    @property
    def names(self) -> list[str]:
        return [step["entry"]["objectRepr"] for step in self.feed if step["entry"]]

    @property
    def errors(self) -> list[Any]:
        return [error for name, data in self.events if data for error in data.get("errors", ())]

    def until(self, condition: Callable[[], Any], seconds: float = 30) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, seconds), (self.events[-3:], self.failure)

    def begun(self) -> Subscriber:
        self.until(lambda: self.feed)
        return self

    def ended(self, seconds: float = 30) -> Subscriber:
        self._thread.join(seconds)
        assert not self._thread.is_alive()
        return self

    def leave(self) -> None:
        """Hang up at the next line."""
        self._leaving = True
