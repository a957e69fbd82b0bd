"""The log as strawberry-django would serve it, with its cursor connection and its optimizer."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry
import strawberry_django
from strawberry import relay
from strawberry_django.optimizer import DjangoOptimizerExtension
from strawberry_django.relay.cursor_connection import DjangoCursorConnection

from audit_plugin.models import Context, Entry

#: One key is its best case. Time and key is what a log is usually ordered by; this table has no index on it, since
#: its keys are ordered by time.
ORDERS = {"byKey": ["-id"], "byTime": ["-occurred_at", "id"]}
QUERY = """
query ($first: Int, $after: String) {
  FIELD(first: $first, after: $after) {
    edges { cursor node { id occurredAt action objectRepr context { actorLabel } changes } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


@strawberry_django.type(Context)
class PeerContext:
    """A context."""

    actor_label: str | None


@strawberry_django.type(Entry)
class PeerEntry(relay.Node):
    """An entry."""

    id: relay.NodeID[str]
    occurred_at: strawberry.auto
    action: str
    object_repr: str
    context: PeerContext
    changes: strawberry.scalars.JSON | None


@strawberry.type
class Query:
    """The root."""

    @strawberry_django.connection(DjangoCursorConnection[PeerEntry])
    def by_key(self) -> Iterable[PeerEntry]:
        return Entry.objects.order_by(*ORDERS["byKey"])

    @strawberry_django.connection(DjangoCursorConnection[PeerEntry])
    def by_time(self) -> Iterable[PeerEntry]:
        return Entry.objects.order_by(*ORDERS["byTime"])


schema = strawberry.Schema(query=Query, extensions=[DjangoOptimizerExtension])
