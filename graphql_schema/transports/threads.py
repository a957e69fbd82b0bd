"""What a request holds while it is answered, and a stream need not."""

from __future__ import annotations

from asgiref.sync import SyncToAsync
from django.db import connections


def release() -> None:
    """Give back the thread of the running request with its connections to databases.

    Under ASGI, Django gives each request a thread as soon as something in it needs one, until it is answered in full: three
    hundred streams would be three hundred threads. Whatever needs a thread later gets a new one, as at the beginning.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    # One that somebody else supplied is theirs.
    if context is None or getattr(context, "_executor", None) is not None:
        return
    executor = SyncToAsync.context_to_thread_executor.pop(context, None)
    if executor is not None:
        executor.submit(connections.close_all)
        executor.shutdown(wait=False)
