"""The frame: who is acting in this task or thread, and how they came in.

A frame is never changed. Entering a context makes a new one that has taken over what it did not set itself;
leaving makes the outer one current again. `None` as the current frame means that nobody entered any: what is
written then belongs to the process (see `process.py`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast
from uuid import UUID

from audit_plugin.context.clients import acting

if TYPE_CHECKING:
    from django.http import HttpRequest

    from audit_plugin.context.resolve import Resolved

P = ParamSpec("P")
T = TypeVar("T")


class Live:
    """Marks a value that is read from the request each time something is written."""

    def __repr__(self) -> str:
        return "LIVE"


LIVE: Final = Live()


class Issued:
    """The context ids given out under one request, task or command; shared by all its frames."""

    __slots__ = ("by_content", "refused")

    def __init__(self) -> None:
        self.by_content: dict[str, tuple[UUID, float]] = {}
        # The lazy user that turned out to be nobody, so that finding that out again costs no further query.
        self.refused: object = None


class Memo:
    """What has been worked out for a frame. Not part of what the frame says."""

    __slots__ = ("issued", "last", "left")

    def __init__(self, issued: Issued | None = None) -> None:
        self.issued = issued or Issued()
        self.last: Resolved | None = None
        self.left = False


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Who is acting, and how they came in. Immutable; `parent` is the frame that was current before."""

    parent: Frame | None = None
    owner: object = None
    request: HttpRequest | None = None
    actor: Any = None
    impersonator: Any = None
    source: str | None = None
    name: str | None = None
    executor: str | None = None
    tenant: Any = None
    request_id: str | None = None
    restored_from: UUID | None = None
    # What `audit_plugin.recording` gave the block that is running: all that is written belongs to that event.
    event: UUID | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    # What pghistory.context() said when the actor was named here (`named_at`); None when it wasn't named
    # by us.
    named_at: tuple[Any, Any] | None = None
    memo: Memo = field(default_factory=Memo, repr=False)

    def user(self) -> Any:
        """Return the user the request has now, not yet looked up: truth and comparison would do that."""
        return acting(self.request)

    def derive(self, **changes: Any) -> Frame:
        """Return a frame that differs from this one in `changes` and, unless given a memo, shares its ids."""
        return replace(self, **{"memo": Memo(self.memo.issued), **changes})


_current: ContextVar[Frame | None] = ContextVar("audit_plugin_frame", default=None)

#: The context that host code entered through `pghistory.context()`; kept here so that it travels with the
#: frame.
foreign: ContextVar[Any] = ContextVar("audit_plugin_pghistory", default=None)


def named_at() -> tuple[Any, Any]:
    """Return what tells later whether pghistory's context named its user before or after an actor of ours."""
    outside = foreign.get()
    return (None, None) if outside is None else (outside.id, outside.metadata.get("user"))


def current() -> Frame | None:
    """Return the frame that writes are attributed to now, or None when nobody entered one."""
    frame = _current.get()
    while frame is not None and frame.memo.left:
        frame = frame.parent
    return frame


def enter(frame: Frame) -> None:
    """Make `frame` current; `leave` with the same owner ends it."""
    _current.set(frame)


def leave(owner: object) -> None:
    """End the innermost frame of `owner` that is still entered.

    Contexts in generators may end in another order than they began, and in another task than they began
    in. So a frame that is not on top is only marked as left, and one that is not found in this task
    changes nothing.
    """
    top = frame = _current.get()
    while frame is not None and (frame.owner is not owner or frame.memo.left):
        frame = frame.parent
    if frame is None:
        return
    if frame is top:
        _current.set(frame.parent)
    else:
        frame.memo.left = True


@contextmanager
def under(frame: Frame | None) -> Iterator[Frame | None]:
    """Run a block under exactly this frame, whatever was current before."""
    token = _current.set(frame)
    try:
        yield frame
    finally:
        _current.reset(token)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What has to travel for work done elsewhere to be attributed as here."""

    frame: Frame | None = None
    outside: Any = None

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Run a block, here or in another thread, as where the snapshot was taken."""
        token = foreign.set(self.outside)
        try:
            with under(self.frame):
                yield
        finally:
            foreign.reset(token)


def snapshot() -> Snapshot:
    """Return the state now, the actor held fast: the user the request has now, whoever it has later."""
    frame = current()
    if frame is not None and frame.actor is LIVE:
        frame = frame.derive(owner=None, actor=frame.user())
    return Snapshot(frame, foreign.get())


def carry(function: Callable[P, T]) -> Callable[P, T]:
    """Return a callable that runs `function` under the context that is current now.

    For work handed to something this library doesn't know: a scheduler, `transaction.on_commit`, a signal.

    Args:
        function: Any callable; an async function stays one.
    """
    state = snapshot()

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def carried_async(*args: P.args, **kwargs: P.kwargs) -> Any:
            with state.restored():
                return await function(*args, **kwargs)

        return cast("Callable[P, T]", carried_async)

    @functools.wraps(function)
    def carried(*args: P.args, **kwargs: P.kwargs) -> T:
        with state.restored():
            return function(*args, **kwargs)

    return carried
