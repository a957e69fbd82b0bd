"""Looks at one record through a host's own Strawberry schema."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from asgiref.sync import sync_to_async
from strawberry.extensions import FieldExtension
from strawberry.types import Info

from audit_plugin.events.reads import note


class ReadExtension(FieldExtension):
    """Records that somebody looks at the record a field returns, if its model is declared personal (`AUDIT_PERSONAL`).

    For fields that return one record; a list isn't a look at anybody.

    Example:
        @strawberry.field(extensions=[ReadExtension()])
        def person(self, pk: int) -> PersonType: ...
    """

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        found = next_(source, info, **kwargs)
        if isawaitable(found):
            return _noted(found)
        note(found)
        return found

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        return await _noted(next_(source, info, **kwargs))


async def _noted(awaited: Any) -> Any:
    found = await awaited
    await sync_to_async(note)(found)
    return found
