"""What is asked of every log's page, and where each answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from audit_plugin.filters import EntryFilter
from audit_plugin.models import Entry
from audit_plugin.pagination import page
from audit_plugin.pagination.cursors import encode
from audit_plugin.visibility import Scope
from tests.benchmarks.reading.cases import BIG, OTHER, SMALL
from tests.benchmarks.reading.pages import BUSIEST
from tests.benchmarks.reading.peers import APP, SCHEMA, name_of
from tests.benchmarks.reading.rendering import LIST, View

ROWS = 100
#: A record of `OTHER` with fewer entries than the busiest.
USUAL = "5000"
AUDITLOG, EVENTS = "/admin/auditlog/logentry/", "/admin/pghistory/events/"


@dataclass(frozen=True)
class Question:
    """What somebody wants to see, and where each log shows it; None where its page can't."""

    name: str
    ours: View
    auditlog: View | None
    pghistory: View | None


def questions() -> Iterator[Question]:
    """Yield what is asked."""
    everything = Scope().entries()
    deep = page(EntryFilter(until=date(2025, 6, 1)).apply(everything)).entries[-1]
    depth = Entry.objects.filter(id__gt=deep.pk).count()
    place = {"p": str(depth // ROWS + 1)}

    def ask(
        name: str, ours: dict[str, str], auditlog: dict[str, str], pghistory: dict[str, str] | None
    ) -> Question:
        return Question(
            name,
            View(name, query={**ours, "size": str(ROWS)}),
            View(name, AUDITLOG, auditlog),
            None if pghistory is None else View(name, EVENTS, pghistory),
        )

    yield ask("newest page", {"all": "1"}, {}, {})
    yield ask(
        f"page at a depth of {depth / 1e6:.1f} million", {"after": encode("newest", deep)}, place, place
    )
    for action, number in (("update", "1"), ("delete", "2")):
        yield ask(f"action {action}", {"action": action}, {"action__exact": number}, {"label": action})
    for label in (BIG, SMALL):
        event = f"{APP}.{name_of(label).lower()}event"
        yield ask(
            f"model {label}",
            {"model": label},
            {"resource_type": _content_type(label)},
            {"event_model": event},
        )
    title = f"model {BIG}, on a page of its event table"
    yield Question(
        title,
        View(title, query={"model": BIG, "size": str(ROWS)}),
        None,
        View(title, f"/admin/{APP}/{name_of(BIG).lower()}event/"),
    )
    for text in ("heron", "zzzz"):
        yield ask(f"search {text}", {"search": text}, {"q": text}, None)
    name = name_of(OTHER)
    for key in (BUSIEST, USUAL):
        entries = EntryFilter(model=OTHER, object_id=key).apply(everything).count()
        title = f"history of a record with {entries:,} entries"
        yield Question(
            title,
            View(title, f"{LIST}record/{OTHER}/{key}/", {"size": str(ROWS)}),
            View(title, f"/admin/{APP}/{name.lower()}/{key}/auditlog/"),
            View(title, EVENTS, {"method": "tracks", "obj": f"{APP}.{name}:{key}"}),
        )


def _content_type(label: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {SCHEMA}.django_content_type WHERE app_label = %s AND model = %s",
            [APP, name_of(label).lower()],
        )
        return str(cursor.fetchone()[0])
