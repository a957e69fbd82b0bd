"""Who is acting. `context` and `carry` are also names of `audit_plugin` itself."""

from __future__ import annotations

from audit_plugin.context.frames import carry, current
from audit_plugin.context.scope import context

__all__ = ["carry", "context", "current", "install", "uninstall"]


def install() -> None:
    """Attribute every write of this process from now on. Safe to call twice."""
    from importlib.util import find_spec

    from audit_plugin.context import annotate, pghistory, process, threads

    process.install()
    pghistory.install()
    annotate.install()
    threads.install()
    if find_spec("celery") is not None:
        from audit_plugin.contrib import celery

        celery.install()


def uninstall() -> None:
    """Stop annotating and carrying, for tests of what happens without."""
    from audit_plugin.context import annotate, threads

    annotate.uninstall()
    threads.uninstall()
