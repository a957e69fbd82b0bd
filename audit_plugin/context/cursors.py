"""A cursor that annotates what passes Django's wrappers by: copy, stream, callproc, psycopg used directly."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, cast


def _as_it_is(query: Any, cursor: Any) -> Any:
    return query


#: Set by `annotate.install`, so that this module need not know how authors are found.
annotated: Callable[[Any, Any], Any] = _as_it_is


class AnnotatingCursor:
    """Mixed into the class of cursors a connection makes."""

    #: True while Django's wrapper, which has annotated already, executes.
    annotated = False

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return super().execute(self._prepare(query), *args, **kwargs)  # type: ignore[misc]

    def executemany(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return super().executemany(self._prepare(query), *args, **kwargs)  # type: ignore[misc]

    def copy(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        return super().copy(self._prepare(statement), *args, **kwargs)  # type: ignore[misc]

    def stream(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return super().stream(self._prepare(query), *args, **kwargs)  # type: ignore[misc]

    def _prepare(self, query: Any) -> Any:
        return query if self.annotated else annotated(query, self)


@lru_cache(maxsize=32)
def _annotating(base: Hashable) -> type:
    cursor = cast(type, base)
    return type(f"Annotating{cursor.__name__}", (AnnotatingCursor, cursor), {})


def replace(connection: Any) -> None:
    """Let a psycopg connection, which may be None, make annotating cursors."""
    factory = getattr(connection, "cursor_factory", None)
    if isinstance(factory, type) and not issubclass(factory, AnnotatingCursor):
        connection.cursor_factory = _annotating(cast(Hashable, factory))


def restore(connection: Any) -> None:
    """Undo `replace`."""
    factory = getattr(connection, "cursor_factory", None)
    if isinstance(factory, type) and issubclass(factory, AnnotatingCursor):
        connection.cursor_factory = factory.__mro__[2]
