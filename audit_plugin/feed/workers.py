"""A few threads for what has to ask the database on behalf of streams: however many follow, so many connections are used."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections
from django.utils.translation import get_language, override

from audit_plugin.conf import settings

T = TypeVar("T")

_pools: list[ThreadPoolExecutor] = []
_lock = threading.Lock()

# A forked worker has none of its parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)


async def run(work: Callable[[], T]) -> T:
    """Have one of the threads do something.

    Args:
        work: What to do. Its connections to databases are kept as long as those of a request (`CONN_MAX_AGE`).
    """
    return await asyncio.get_running_loop().run_in_executor(_pool(), _at_work, work, get_language())


def _at_work(work: Callable[[], T], language: str | None) -> T:
    close_old_connections()
    try:
        # What goes wrong is told in the language of whom it is done for.
        with override(language):
            return work()
    finally:
        close_old_connections()


def _pool() -> ThreadPoolExecutor:
    with _lock:
        if not _pools:
            _pools.append(ThreadPoolExecutor(settings.FEED_WORKERS, thread_name_prefix="audit-feed-worker"))
        return _pools[0]
