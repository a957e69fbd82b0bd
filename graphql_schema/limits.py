"""What a document may ask for, checked before anything is executed. For any schema on graphql-core."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
)

from audit_plugin.conf import settings
from graphql_schema.errors import ApiError, Code

#: Where counting ends: a document of a few fragments may stand for more fields than can be counted.
MANY = 1_000_000


@dataclass(frozen=True)
class Size:
    """How much a part of a document asks for: fields below each other, renamed fields, fields in all."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: Size) -> Size:
        """Return the size of both together."""
        return Size(
            max(self.depth, other.depth),
            min(MANY, self.aliases + other.aliases),
            min(MANY, self.fields + other.fields),
        )


class LimitsRule(ASTValidationRule):
    """Refuses a document that is too deep, renames too much or asks for too many fields.

    Fragments count wherever they are spread. How deep introspection goes, and for how many fields it asks, is left out: its
    tools ask for all there is, once. To ask for it many times takes aliases, and those count.
    """

    def enter_document(self, node: DocumentNode, *args: Any) -> None:
        """Measure each operation of the document."""
        for error in over_limits(node):
            self.report_error(error)


def over_limits(document: DocumentNode) -> list[GraphQLError]:
    """Return what is too large about a document, in time that grows no faster than the document.

    Args:
        document: The document; it need not be valid.
    """
    fragments = {
        part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)
    }
    measured: dict[str, Size | None] = {}
    found: list[GraphQLError] = []
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            found += _over(operation, measure(operation.selection_set, fragments, measured))
    return found


def _over(operation: OperationDefinitionNode, size: Size) -> Iterator[GraphQLError]:
    for found, most, text in (
        (size.depth, settings.GRAPHQL_MAX_DEPTH, _("This asks too deeply: %(most)d levels at most.")),
        (size.aliases, settings.GRAPHQL_MAX_ALIASES, _("These are too many aliases: %(most)d at most.")),
        (size.fields, settings.GRAPHQL_MAX_FIELDS, _("These are too many fields: %(most)d at most.")),
    ):
        if found > most:
            error = ApiError(Code.TOO_COMPLEX, text % {"most": most})
            yield GraphQLError(error.message, nodes=[operation], extensions=error.extensions)


def measure(
    selection: SelectionSetNode | None,
    fragments: dict[str, FragmentDefinitionNode],
    measured: dict[str, Size | None],
) -> Size:
    """Return how much a selection asks for.

    Args:
        selection: The selection.
        fragments: The document's fragments by name.
        measured: Those that were measured already; None for one that is being measured.
    """
    total = Size()
    for node in selection.selections if selection else ():
        if isinstance(node, FieldNode):
            below = measure(node.selection_set, fragments, measured)
            own = Size(below.depth + 1, below.aliases + bool(node.alias), below.fields + 1)
            if node.name.value.startswith("__"):
                own = Size(aliases=own.aliases)
        elif isinstance(node, FragmentSpreadNode):
            own = _spread(node.name.value, fragments, measured)
        else:
            own = measure(node.selection_set, fragments, measured)  # type: ignore[attr-defined]
        total = total.beside(own)
    return total


def _spread(
    name: str, fragments: dict[str, FragmentDefinitionNode], measured: dict[str, Size | None]
) -> Size:
    if name not in measured:
        measured[name] = None
        found = fragments.get(name)
        measured[name] = measure(found.selection_set, fragments, measured) if found else Size()
    # A fragment within itself is refused by another rule.
    return measured[name] or Size()


def validation_rules() -> tuple[type[ASTValidationRule], ...]:
    """Return the rules to validate with, besides those of the specification."""
    return (LimitsRule,) if settings.GRAPHQL_INTROSPECTION else (LimitsRule, NoSchemaIntrospectionCustomRule)
