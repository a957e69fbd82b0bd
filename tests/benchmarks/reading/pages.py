"""What a page of the admin costs, from the request to the last byte of HTML, through Django's test client.

All of it happens in one transaction that is rolled back: signing in and what the visit remembers are writes, and the log is to
stay as it was built.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import transaction
from django.test import Client

from audit_plugin.filters import EntryFilter
from audit_plugin.pagination import page
from audit_plugin.pagination.cursors import encode
from audit_plugin.visibility import Scope
from sample_project.people.models import Tag
from sample_project.sample.accounts import load_accounts
from tests.benchmarks.reading.cases import BIG, OFTEN, OTHER, SMALL
from tests.benchmarks.reading.rendering import LIST, Rendered, View, measure, signed_in

TARGET = 150

#: How many tags `world.sql` lets the log be about, and the one that `month.sql` draws most often.
TAGS = 13_383
BUSIEST = "1"


def rendered(only: str = "") -> Iterator[Rendered]:
    """Render every page some rounds.

    Args:
        only: Leave out those that don't have this in `rendered: <name>`.
    """
    with world() as clients:
        for view in views():
            if only in f"rendered: {view.name}":
                yield measure(clients[view.who], view)


def views() -> Iterator[View]:
    """Yield the pages. Those of records are of the one that was changed most."""
    everything = Scope().entries()
    newest = page(everything).entries[0]
    deep = page(EntryFilter(until=date(2025, 6, 1)).apply(everything)).entries[-1]
    updated, created = (
        page(EntryFilter(model=OTHER, action=action).apply(everything)).entries[0]
        for action in ("update", "create")
    )
    everyone = {"all": "1"}
    yield View("list, newest page", query=everyone)
    yield View("list, newest page of 100 rows", query={"all": "1", "size": "100"})
    yield View("list, page at a depth of 7 million", query={"after": encode("newest", deep)})
    yield View("list, sorted by model", query={"order": "model"})
    for query in (
        {"actor": OFTEN},
        {"model": BIG},
        {"model": OTHER, "action": "update"},
        {"action": "restore", "tenant": "island"},
        {"search": "heron"},
        {"model": "no.model"},
    ):
        yield View(f"list, {', '.join(f'{name} {value}' for name, value in query.items())}", query=query)
    yield View("list, newest page, as auditor", query=everyone, who="auditor")
    yield View("list, model " + SMALL + ", as auditor", query={"model": SMALL}, who="auditor")
    yield View("list with an entry open beside it", query={"all": "1", "entry": str(newest.pk)})
    yield View("only the rows, after a filter was changed", query={"model": BIG}, part="audit-results")
    yield View("only the panel, after a click on a row", query={"entry": str(newest.pk)}, part="audit-slot")
    yield View("detail of an update", f"{LIST}{updated.pk}/change/")
    yield View("detail of a creation", f"{LIST}{created.pk}/change/")
    yield View("detail of an update, as auditor", f"{LIST}{updated.pk}/change/", who="auditor")
    yield View("history of a record", f"{LIST}record/{OTHER}/{BUSIEST}/")
    yield View("history of a record, as auditor", f"{LIST}record/{OTHER}/{BUSIEST}/", who="auditor")
    yield View("a record as of its newest entry", f"{LIST}record/{OTHER}/{BUSIEST}/as-of/")
    yield View("deleted records of a model", f"{LIST}deleted/", {"model": OTHER})


@contextmanager
def world() -> Iterator[dict[str, Client]]:
    """Let two people sign in, and the tags exist that a part of the entries is about."""
    with transaction.atomic():
        users = load_accounts()
        _let_tags_exist()
        yield {name: signed_in(users[name]) for name in ("admin", "auditor")}
        transaction.set_rollback(True)


def _let_tags_exist() -> None:
    """Without records there would be no links to them, nor the query that looks for them."""
    Tag.objects.bulk_create(Tag(id=number, name=f"Tag {number}") for number in range(1, TAGS + 1))
