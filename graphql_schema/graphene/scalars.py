"""Scalars that graphene doesn't have: its own `JSONString` hands JSON out as text."""

from __future__ import annotations

from typing import Any

import graphene
from graphql import Undefined, ValueNode
from graphql.utilities import value_from_ast_untyped


class JSON(graphene.Scalar):
    """Any JSON value."""

    class Meta:
        description = "Any JSON value."

    @staticmethod
    def serialize(  # type: ignore[override]
        value: Any,
    ) -> Any:
        """Return a value as it goes out."""
        return value

    #: What comes in as a variable is a value already, too.
    parse_value = serialize  # type: ignore[assignment]

    @staticmethod
    def parse_literal(  # type: ignore[override]
        node: ValueNode, variables: dict[str, Any] | None = None
    ) -> Any:
        """Return a value that stands in the document."""
        found = value_from_ast_untyped(node, variables)
        return None if found is Undefined else found
