"""Who is acting. `context` and `carry` are also names of `audit_plugin` itself."""

from __future__ import annotations

from audit_plugin.context.frames import carry, current
from audit_plugin.context.scope import context

__all__ = ["carry", "context", "current", "install", "uninstall"]


def install() -> None:
    """Attribute every write of this process from now on. Safe to call twice."""
    from audit_plugin.context import annotate, pghistory, process, threads

    process.install()
    pghistory.install()
    annotate.install()
    threads.install()


def uninstall() -> None:
    """Stop annotating and carrying, for tests of what happens without."""
    from audit_plugin.context import annotate, threads

    annotate.uninstall()
    threads.uninstall()
