"""Limits and error codes as an extension, for our schema and for those of hosts."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension

from audit_plugin.conf import settings
from graphql_schema.formatting import with_codes
from graphql_schema.limits import validation_rules


class AuditLimits(SchemaExtension):
    """Keeps documents within the limits of the settings, and gives every error a code."""

    def on_operation(self) -> Iterator[None]:
        """Set the limits before the document is read; read the errors after it was executed."""
        context = self.execution_context
        context.parse_options["max_tokens"] = settings.GRAPHQL_MAX_TOKENS
        context.validation_rules = (*context.validation_rules, *validation_rules())
        yield
        result = context.result
        if result is not None and getattr(result, "errors", None):
            result.errors = with_codes(result.errors)  # type: ignore[arg-type]
