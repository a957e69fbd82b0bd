"""Threads work under the context of the code that started them, as asyncio's tasks do by themselves.

A task in a pool runs under the context of whoever submitted it, also when that is none: the worker it lands
on may have been started by anybody. A thread inherits when it is not a daemon; daemons outlive requests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from audit_plugin.context import hooks
from audit_plugin.context.frames import Snapshot, snapshot

T = TypeVar("T")

NOTHING = Snapshot()

_submit = ThreadPoolExecutor.submit
_start = threading.Thread.start


def install() -> None:
    """Carry contexts into pools and threads. Safe to call twice."""
    ThreadPoolExecutor.submit = _submit_carried  # type: ignore[assignment, method-assign]
    threading.Thread.start = _start_carried  # type: ignore[method-assign]


def uninstall() -> None:
    """Undo `install`."""
    ThreadPoolExecutor.submit = _submit  # type: ignore[method-assign]
    threading.Thread.start = _start  # type: ignore[method-assign]


def _submit_carried(
    self: ThreadPoolExecutor, fn: Callable[..., T], /, *args: Any, **kwargs: Any
) -> Future[T]:
    if not hooks.setting("CARRY_INTO_THREADS"):
        return _submit(self, fn, *args, **kwargs)
    return _submit(self, _run, snapshot(), fn, args, kwargs)


def _start_carried(self: threading.Thread) -> None:
    state = snapshot()
    if state != NOTHING and hooks.setting("CARRY_INTO_THREADS"):
        # Python may be told to let every thread inherit (3.14), so those that must not are told so.
        state = NOTHING if self.daemon or _serves_pool(self) else state
        run = self.run
        self.run = lambda: _run(state, run, (), {})  # type: ignore[method-assign]
    _start(self)


def _serves_pool(thread: threading.Thread) -> bool:
    return getattr(getattr(thread, "_target", None), "__module__", None) == "concurrent.futures.thread"


def _run(state: Snapshot, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    with state.restored():
        return fn(*args, **kwargs)
