"""`audit_plugin.context`: say who is acting, for a block or a function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar, cast
from uuid import UUID

from django.utils.functional import LazyObject

from audit_plugin.context import process
from audit_plugin.context.frames import Frame, Memo, current, enter, leave, named_at
from audit_plugin.context.ids import uuid7

P = ParamSpec("P")
T = TypeVar("T")


class Inherit:
    """Marks an argument that was not given."""

    def __repr__(self) -> str:
        return "INHERIT"


INHERIT: Final = Inherit()


class context:
    """Attribute what is written within to somebody: `with`, `async with` or a decorator, also of async
    functions.

    What isn't given is taken over from the context around it, and metadata is added to the metadata there.
    On leaving, the outer context is exactly what it was; what has been written keeps the context it had.

    Args:
        actor: A user; the name of a service; or None for the system itself. Naming an actor ends an
        impersonation,
            unless `impersonator` is given too.
        impersonator: The real user behind the actor, or the name of one.
        source: How it came in, for example `import`. Elsewhere `web`, `admin`, `celery`, `command` are used.
        name: What it happens in: a view, a task, a job.
        executor: The machine or worker that does it.
        tenant: The tenant it happens in.
        request_id: An id that joins all that belongs together.
        restored_from: The id of the entry that is being restored; what is written gets the action `restore`.
        **metadata: Anything else worth keeping, as JSON: a reason, a ticket.

    Raises:
        TypeError: `actor` or `impersonator` is neither, or a generator is decorated.

    Example:
        with audit_plugin.context(actor="billing", reason="dunning run"):
            invoice.save()
    """

    def __init__(
        self,
        *,
        actor: Any = INHERIT,
        impersonator: Any = INHERIT,
        source: str | Inherit | None = INHERIT,
        name: str | Inherit | None = INHERIT,
        executor: str | Inherit | None = INHERIT,
        tenant: str | Inherit | None = INHERIT,
        request_id: str | Inherit | None = INHERIT,
        restored_from: UUID | str | Inherit | None = INHERIT,
        **metadata: Any,
    ) -> None:
        if isinstance(restored_from, str):
            restored_from = UUID(restored_from)
        given = {
            "actor": _somebody(actor),
            "impersonator": _somebody(impersonator),
            "source": source,
            "name": name,
            "executor": executor,
            "tenant": tenant,
            "request_id": request_id,
            "restored_from": restored_from,
        }
        self._changes = {name: value for name, value in given.items() if value is not INHERIT}
        if "actor" in self._changes:
            self._changes.setdefault("impersonator", None)
        self._metadata = metadata

    def __enter__(self) -> Frame:
        outer = current()
        changes = dict(self._changes)
        base = process.frame() if outer is None else outer
        if outer is None and base.source == "process":
            # A command is one piece of work; in a process that runs for long, each outermost context is.
            changes = {"request_id": str(uuid7()), "memo": Memo(), **changes}
        if "actor" in changes:
            changes["named_at"] = named_at()
        if self._metadata:
            changes["metadata"] = {**base.metadata, **self._metadata}
        frame = base.derive(parent=outer, owner=self, **changes)
        enter(frame)
        return frame

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        leave(self)

    async def __aenter__(self) -> Frame:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        leave(self)

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                "A generator can't be decorated with audit_plugin.context(): use it inside, with `with`."
            )

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapped_async(*args: P.args, **kwargs: P.kwargs) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return cast("Callable[P, T]", wrapped_async)

        @functools.wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
            with self:
                return function(*args, **kwargs)

        return wrapped


def _somebody(who: Any) -> Any:
    # A lazy user must not be looked at yet, not even by isinstance(): in an async view that would be a query
    # on the event loop.
    if who is None or who is INHERIT or issubclass(type(who), str | LazyObject):
        return who
    if hasattr(who, "is_authenticated") or hasattr(who, "pk") or hasattr(who, "kind"):
        return who
    raise TypeError(
        f"An actor is a user, the name of a service, or None for the system; not {type(who).__name__}."
    )
