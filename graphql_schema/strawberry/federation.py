"""The audit log as a subgraph: a gateway composes it with others, which may refer to entries by their id."""

from __future__ import annotations

from functools import cache
from typing import Any

import strawberry
from django.utils.translation import gettext as _

from graphql_schema import queries
from graphql_schema.errors import ApiError, Code
from graphql_schema.operations import MUTATIONS, QUERIES, Operations, with_fields
from graphql_schema.reading import MAX_SIZE
from graphql_schema.resolving import resolve
from graphql_schema.spec import ID, View, described
from graphql_schema.strawberry.extension import AuditLimits
from graphql_schema.strawberry.rendering import Renderer
from graphql_schema.strawberry.schema import AuditSchema
from graphql_schema.types import AuditEntry
from graphql_schema.viewer import Viewer, viewer_of


class FederatedRenderer(Renderer):
    """Makes the same types; an entry can be looked up by its id."""

    def finish(self, view: type[View[Any]], made: type) -> Any:
        """Return the type, as an entity if it is one."""
        if view is not AuditEntry:
            return super().finish(view, made)

        def resolve_reference(info: strawberry.Info, id: strawberry.ID) -> Any:
            return resolve(_look_up, viewer_of(info.context), id)

        made.resolve_reference = staticmethod(resolve_reference)  # type: ignore[attr-defined]
        return strawberry.federation.type(made, description=described(view), keys=["id"])


class FederatedSchema(AuditSchema, strawberry.federation.Schema):
    """A schema for a gateway."""


def _look_up(viewer: Viewer, id: strawberry.ID) -> Any:
    # A gateway asks for all entities of a document at once; no document needs more of them than a page has.
    viewer.lookups += 1
    if viewer.lookups > MAX_SIZE:
        raise ApiError(Code.TOO_COMPLEX, _("Ask for %(most)d at most.") % {"most": MAX_SIZE})
    return queries.entry(viewer, ID(id))


@cache
def federated_schema() -> Any:
    """Return the audit log's own schema as a subgraph of Apollo Federation 2."""
    renderer = FederatedRenderer()

    def root(name: str, operations: Operations) -> Any:
        return strawberry.type(with_fields(operations, renderer.field)(type(name, (), {})))

    return FederatedSchema(
        query=root("Query", QUERIES),
        mutation=root("Mutation", MUTATIONS),
        extensions=[AuditLimits],
        # Nothing newer is needed, and gateways refuse versions that they don't know.
        federation_version="2.5",
    )
