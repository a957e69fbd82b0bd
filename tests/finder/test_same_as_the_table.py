"""Whatever way entries are found, they are those that the plain query finds, in its order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import Q

from audit_plugin import rollup
from audit_plugin.filters import EntryFilter
from audit_plugin.finder import EntryQuerySet, count_up_to, find, spread, take
from audit_plugin.finder.ids import uuid_floor
from audit_plugin.models import Entry
from audit_plugin.pagination import ORDERS, page
from audit_plugin.visibility import Scope
from tests.reading import MAY, add_all, add_context, close, everything, partitions

pytestmark = pytest.mark.django_db

VALUES: dict[str, list[Any]] = {
    "actor": ["1", "2", "3", "30", "nobody"],
    "action": ["create", "update", "restore", "auth.login", "nothing"],
    "model": ["testapp.author", "testapp.book", "former.model", "", "no.model"],
    "channel": ["data", "auth", "nothing"],
    "tenant": ["north", "south", "x" * 310, "nowhere"],
}
SEARCHES = ["amber", "heron 1", "HER", "zzz", "Gomez", "author", "17", "amber heron"]
SCOPES = [
    Scope(),
    Scope(models=frozenset({"testapp.author", "former.model", ""})),
    Scope(hidden=frozenset({"testapp.book"})),
    Scope(tenants=frozenset({"south", None})),
    Scope(models=frozenset({"testapp.book"}), tenants=frozenset({"north", "x" * 310})),
    Scope(nothing=True),
]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[random.Random]:
    """Three months of entries, two of them over; near at hand is little, so that every way is gone."""
    monkeypatch.setattr(find, "NEAR", 25)
    monkeypatch.setattr(find, "SINGLE_MONTHS", 1)
    chance = random.Random(7)
    names = {actor: add_context(actor, f"{name} Gomez") for actor, name in (("1", "Ada"), ("30", "Bo"))}
    rows = []
    for number in range(1500):
        actor = chance.choice(["1", "1", "1", "2", "2", "3", "30", None])
        rows.append(
            {
                # The last third of the second month and the third one lie beyond what is indexed.
                "at": MAY + timedelta(seconds=number * 4500 + chance.random() * 4000),
                "number": number,
                "action": chance.choice(["create", "update", "update", "update", "restore", "auth.login"]),
                "channel": chance.choice(["data", "data", "auth"]),
                "model": chance.choice(
                    ["testapp.author", "testapp.author", "testapp.book", "former.model", ""]
                ),
                "object_id": str(chance.randrange(40)),
                "object_repr": f"{chance.choice(['amber', 'Heron', 'amber-heron', 'Ünal'])} {chance.randrange(30)}",
                "actor_id": actor,
                "tenant": chance.choice(["north", "south", "x" * 310, None]),
                **({"context_id": names[actor]} if actor in names else {}),
            }
        )
    # A rare one, long ago.
    rows[3] |= {"actor_id": "3", "action": "restore", "model": "former.model", "tenant": "north"}
    partitions()
    add_all(rows)
    close(MAY + timedelta(days=50))
    rollup.catch_up("default", patience=0)
    yield chance


def some_filter(chance: random.Random) -> EntryQuerySet:
    names = chance.sample(list(VALUES), chance.choice([0, 1, 1, 2, 2, 3, 5]))
    given: dict[str, Any] = {name: chance.choice(VALUES[name]) or None for name in names}
    if chance.random() < 0.3:
        given["until"] = date(2025, chance.choice([5, 6, 7]), chance.randrange(1, 30))
    if chance.random() < 0.2:
        given["since"] = date(2025, chance.choice([5, 6]), chance.randrange(1, 30))
    if given.get("since") and given.get("until") and given["until"] < given["since"]:
        del given["since"]
    if chance.random() < 0.25:
        given["search"] = chance.choice(SEARCHES)
    entries = EntryFilter(**given).apply(chance.choice(SCOPES).entries())
    if chance.random() < 0.15:
        return entries.filter(object_id__in=["1", "2", "3", "17"])
    if chance.random() < 0.1:
        return entries.selected_any(
            Q(object_id="7", model="testapp.author"), Q(actor_id="3"), Q(action="restore")
        )
    if chance.random() < 0.1:
        return EntryQuerySet.over(entries | Entry.objects.filter(actor_id="3"))
    return entries


def test_entries_and_numbers(log: random.Random) -> None:
    for _ in range(150):
        entries = some_filter(log)
        ascending, limit = log.random() < 0.4, log.choice([1, 10, 51])
        plain = list(entries.order_by("id" if ascending else "-id").values_list("id", flat=True))
        assert [entry.id for entry in take(entries, ascending=ascending, limit=limit)] == plain[:limit]
        assert count_up_to(entries, limit) == min(len(plain), limit)
        bounds = [uuid_floor(MAY + timedelta(days=10 * number)) for number in range(9)]
        expected = [sum(low <= id < high for id in plain) for low, high in pairwise(bounds)]
        assert spread(entries, bounds, 5000) == expected, str(entries.query)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("given", [{}, {"action": "update"}, {"search": "amber"}], ids=str)
def test_pages_skip_and_repeat_nothing(
    log: random.Random, order: str, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit_plugin.pagination.sorting.FEW", 20)
    entries = EntryFilter(**given).apply(everything())
    rows = sorted(entries, key=lambda entry: entry.id, reverse=order != "oldest")
    if order not in ("newest", "oldest"):
        rows.sort(key=lambda entry: str(getattr(entry, order.strip("-"))), reverse=order.startswith("-"))
    expected = [entry.id for entry in rows]

    forth, found = [], page(entries, order=order, size=97)
    while True:
        forth += [entry.id for entry in found.entries]
        if not found.has_next:
            break
        found = page(entries, order=order, size=97, after=found.end_cursor)
    assert forth == expected
    back = [entry.id for entry in found.entries]
    while found.has_previous:
        found = page(entries, order=order, size=100, before=found.start_cursor)
        back = [entry.id for entry in found.entries] + back
    assert back == expected
