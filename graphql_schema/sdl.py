"""The schema as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphql_schema.engines import default_schema, engine_of

#: What ships with the package, for code generators and reviews.
COMMITTED = Path(__file__).with_name("schema.graphql")


def print_schema(schema: Any = None) -> str:
    """Return a schema in the schema definition language.

    Args:
        schema: A schema of Strawberry or graphene; None for the audit log's own.
    """
    schema = schema or default_schema()
    text = schema.as_str() if engine_of(schema) == "strawberry" else str(schema)
    return f"{text.strip()}\n"
