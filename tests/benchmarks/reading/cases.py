"""What is measured: every kind of page, with frequent, rare and missing values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User

from audit_plugin.activity import histogram
from audit_plugin.facets import facets
from audit_plugin.filters import EntryFilter
from audit_plugin.history import history
from audit_plugin.pagination import count, page
from audit_plugin.pagination.cursors import encode
from audit_plugin.visibility import Scope

#: Made by `build.py`: a frequent actor and a rare one, models, tenants.
OFTEN, RARE = "10007", "31000"
BIG, SMALL, OTHER = "people.organisation", "studio.submission", "people.tag"


@dataclass(frozen=True)
class Case:
    """One thing to measure.

    Attributes:
        group: The target it belongs to.
        name: What it is.
        run: Does it.
        target: Milliseconds of database time.
    """

    group: str
    name: str
    run: Callable[[], Any]
    target: float


def cases() -> Iterator[Case]:
    """Yield everything there is to measure."""
    everything, root = Scope(), User(is_superuser=True)

    def list_of(given: dict[str, Any], scope: Scope = everything, **rest: Any) -> Callable[[], Any]:
        return lambda: page(EntryFilter(**given).apply(scope.entries()), **rest)

    yield Case("Pages", "newest page", list_of({}), 20)
    yield Case("Pages", "oldest page", list_of({}, order="oldest"), 20)
    deep = page(EntryFilter(until=date(2025, 6, 1)).apply(everything.entries())).entries[-1]
    yield Case("Pages", "page at a depth of 7 million", list_of({}, after=encode("newest", deep)), 20)
    yield Case("Pages", "deep page of an actor", list_of({"actor": OFTEN}, after=encode("newest", deep)), 20)
    for order in ("action", "-model"):
        yield Case("Pages", f"sorted by {order}", list_of({}, order=order), 20)

    singles: list[dict[str, Any]] = [
        *({"actor": value} for value in (OFTEN, RARE, "nobody")),
        *({"action": value} for value in ("update", "delete", "restore", "nothing")),
        *({"model": value} for value in (BIG, SMALL, "no.model")),
        *({"channel": value} for value in ("data", "auth", "nothing")),
        *({"tenant": value} for value in ("north", "island", "nowhere")),
        {"since": date(2025, 6, 1), "until": date(2025, 6, 30)},
        {"object_id": "17"},
        {"object_id": "no key"},
    ]
    for given in singles:
        yield Case("One filter", named(given), list_of(given), 20)
    yield Case("One filter", "record history", lambda: page(history(BIG, "17")), 20)
    for text in ("heron", "indigo 123", "zzzz", "Gomez"):
        yield Case("Search", text, list_of({"search": text}), 20)

    several: list[dict[str, Any]] = [
        {"actor": OFTEN, "model": OTHER},
        {"actor": OFTEN, "model": "former.model00"},
        {"actor": OFTEN, "action": "restore"},
        {"actor": "10049", "tenant": "north"},
        {"model": BIG, "channel": "photos"},
        {"model": BIG, "tenant": "island"},
        {"action": "restore", "until": date(2025, 6, 1)},
        {"actor": "10014", "model": OTHER, "action": "restore"},
        {"actor": OFTEN, "model": OTHER, "action": "nothing"},
        {"model": BIG, "tenant": "north", "action": "restore"},
        {"search": "indigo 123", "model": BIG},
        {"search": "Gomez", "model": OTHER},
        {"search": "zzzz", "action": "update", "tenant": "north"},
    ]
    for given in several:
        yield Case("Two and three filters", named(given), list_of(given), 50)

    some = Scope(models=frozenset({SMALL, "studio.cardtemplate", ""}))
    tenant = Scope(tenants=frozenset({"island"}))
    for label, scope in (("who may view 2 of 40 models", some), ("of a tenant of 0.6 %", tenant)):
        yield Case("Rule of visibility", f"newest page, {label}", list_of({}, scope), 50)
        yield Case("Rule of visibility", f"actor {OFTEN}, {label}", list_of({"actor": OFTEN}, scope), 50)

    yield Case("Choices, histogram, numbers", "all choices", lambda: facets(root), 100)
    counted: list[dict[str, Any]] = [
        {},
        {"action": "update"},
        {"actor": OFTEN},
        {"actor": RARE},
        {"tenant": "north", "channel": "data"},
        {"search": "heron"},
        {"model": BIG, "object_id": "17"},
    ]
    for given in counted:
        shown = named(given) or "everything"
        yield Case("Choices, histogram, numbers", f"histogram, {shown}", _histogram(given, root), 100)
        yield Case("Choices, histogram, numbers", f"number, {shown}", _number(given), 100)


def named(given: dict[str, Any]) -> str:
    """Return a filter as people would write it."""
    return ", ".join(f"{name} {value}" for name, value in given.items())


def _histogram(given: dict[str, Any], user: User) -> Callable[[], Any]:
    return lambda: histogram(EntryFilter(**given), user)


def _number(given: dict[str, Any]) -> Callable[[], Any]:
    return lambda: count(EntryFilter(**given).apply(Scope().entries()))
