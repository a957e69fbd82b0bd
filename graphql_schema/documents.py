"""Documents that were read and checked before: programs send the same few again and again, and reading one takes milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from graphql import ASTValidationRule, DocumentNode, GraphQLSchema, parse, specified_rules

from audit_plugin.conf import settings
from graphql_schema.limits import validation_rules

#: How much text is kept for a schema, and how long one document may be. What was read of a character takes about 80 bytes.
MOST_CHARACTERS = 100_000
LONGEST = 10_000


class Documents:
    """Good documents by their text, those that were asked for last."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Any, ...], DocumentNode] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[Any, ...]) -> DocumentNode | None:
        """Return a document, if it is known."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def put(self, key: tuple[Any, ...], document: DocumentNode) -> None:
        """Keep a document, and let go of those that weren't asked for the longest.

        Args:
            key: What it is found by, its text first.
            document: The document.
        """
        if len(key[0]) > LONGEST:
            return
        with self._lock:
            if key not in self._known:
                self._characters += len(key[0])
            self._known[key] = document
            while self._characters > MOST_CHARACTERS:
                self._characters -= len(self._known.popitem(last=False)[0][0])


_of_schemas: WeakKeyDictionary[GraphQLSchema, Documents] = WeakKeyDictionary()


def usual_rules() -> tuple[type[ASTValidationRule], ...]:
    """Return the rules that documents are validated with, unless a host adds its own."""
    return (*specified_rules, *validation_rules())


def recall(schema: GraphQLSchema, text: str) -> DocumentNode | None:
    """Return a document that is known to be valid and within the limits, which are those of now.

    Args:
        schema: The schema that it is for.
        text: Its text.
    """
    known = _of_schemas.get(schema)
    return known.get(_key(text)) if known else None


def remember(
    schema: GraphQLSchema, text: str, document: DocumentNode, rules: Sequence[type[ASTValidationRule]]
) -> None:
    """Keep a document in mind that was found to be valid.

    Args:
        schema: The schema that it is for.
        text: Its text.
        document: The document.
        rules: What it was validated with. With other rules than the usual ones it is to be validated each time.
    """
    if tuple(rules) == usual_rules():
        _of_schemas.setdefault(schema, Documents()).put(_key(text), document)


def read(schema: GraphQLSchema, text: str) -> tuple[DocumentNode, bool]:
    """Return a document, and whether it is known to be good.

    Args:
        schema: The schema that it is for.
        text: Its text.

    Raises:
        GraphQLError: It can't be read.
    """
    known = recall(schema, text)
    if known is not None:
        return known, True
    return parse(text, max_tokens=settings.GRAPHQL_MAX_TOKENS), False


def _key(text: str) -> tuple[Any, ...]:
    return (
        text,
        settings.GRAPHQL_MAX_TOKENS,
        settings.GRAPHQL_MAX_DEPTH,
        settings.GRAPHQL_MAX_ALIASES,
        settings.GRAPHQL_MAX_FIELDS,
        settings.GRAPHQL_INTROSPECTION,
    )
