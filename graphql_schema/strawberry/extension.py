"""Limits and error codes as an extension, for our schema and for those of hosts."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode
from strawberry.extensions import SchemaExtension

from audit_plugin.conf import settings
from graphql_schema.documents import recall, remember, usual_rules
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

    def on_parse(self) -> Iterator[None]:
        """Spare reading what was read before."""
        context = self.execution_context
        self._known = self._recalled() if context.graphql_document is None else None
        if self._known is not None:
            context.graphql_document = self._known
        yield

    def on_validate(self) -> Iterator[None]:
        """Spare checking it, too; keep in mind what was found to be good."""
        context = self.execution_context
        if self._known is not None and context.pre_execution_errors is None:
            context.pre_execution_errors = []
            yield
            return
        yield
        if context.query and context.graphql_document is not None and not context.pre_execution_errors:
            core = context.schema._schema
            remember(core, context.query, context.graphql_document, context.validation_rules)

    def _recalled(self) -> DocumentNode | None:
        # Whoever has rules of their own added may have them depend on who asks.
        context = self.execution_context
        if context.query is None or context.validation_rules != usual_rules():
            return None
        return recall(context.schema._schema, context.query)
