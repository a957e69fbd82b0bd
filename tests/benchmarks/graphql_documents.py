"""What reading and checking a document takes, at first and when it is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

ROUNDS = 50

FEED = "subscription ($after: String) { auditFeed(after: $after) { cursor entry { id action objectRepr actor { label } } } }"


@dataclass(frozen=True)
class Read:
    """What it took to read a document, in milliseconds of Django's process.

    Attributes:
        name: What it asks for.
        characters: How long it is.
        parsed: Parsing it.
        checked: Validating it, limits included.
        recalled: Both, for a document that is known.
    """

    name: str
    characters: int
    parsed: float
    checked: float
    recalled: float


def measured() -> list[Read]:
    """Return what typical documents take."""
    from graphql import parse
    from strawberry.schema.schema import validate_document

    from graphql_schema.documents import recall, remember, usual_rules
    from graphql_schema.strawberry import schema
    from tests.benchmarks.graphql import COUNT, OURS

    core, found = schema._schema, []
    for name, text in (("a page", OURS), ("a number", COUNT), ("a subscription", FEED)):
        document = parse(text)
        rules = usual_rules()
        parsed = _took(lambda text=text: parse(text))
        checked = _took(lambda document=document, rules=rules: validate_document(core, document, rules))
        remember(core, text, document, rules)
        assert recall(core, text) is document
        found.append(Read(name, len(text), parsed, checked, _took(lambda text=text: recall(core, text))))
    return found


def _took(work: Callable[[], Any]) -> float:
    def once() -> float:
        started = time.process_time_ns()
        work()
        return (time.process_time_ns() - started) / 1e6

    return median(once() for _ in range(ROUNDS))
