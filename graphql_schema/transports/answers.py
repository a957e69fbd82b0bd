"""Results as they go out, and the place where those lie that others may get as well."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from audit_plugin import exact
from graphql_schema.formatting import with_codes

#: How much JSON is kept at most for those who come for it a little later.
MOST_BYTES = 4 * 1024 * 1024

Payload = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One result of an operation.

    Attributes:
        text: The result as JSON.
        errors: The errors, where there is nothing else.
    """

    text: str
    errors: list[dict[str, Any]] | None = None


def payload_of(result: Any) -> Payload:
    """Return a result as JSON has it."""
    payload: Payload = {"data": result.data}
    if result.errors:
        payload["errors"] = [dict(error.formatted) for error in with_codes(result.errors)]
    return payload


def answer_of(result: Any) -> Answer:
    """Return a result as it goes out."""
    payload = payload_of(result)
    return Answer(encode(payload), payload.get("errors") if payload["data"] is None else None)


def encode(payload: Any) -> str:
    """Return something as JSON, with the numbers in it as the log has them."""
    return exact.dumps(payload, cls=DjangoJSONEncoder, separators=(",", ":"))


class Answers:
    """Answers that several subscribers get, the newest ones."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Answer] = {}
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Answer | None:
        """Return an answer, if it is there."""
        return self._found.get(key)

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer for a while."""
        with self._lock:
            if key in self._found or len(answer.text) > MOST_BYTES:
                return
            self._found[key] = answer
            self._size += len(answer.text)
            while self._size > MOST_BYTES:
                self._size -= len(self._found.pop(next(iter(self._found))).text)
