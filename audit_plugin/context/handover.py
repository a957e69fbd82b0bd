"""Handing the author on to another process: what a queue sends with a task, and takes up on the other side.

For Celery this happens by itself (`audit_plugin.contrib.celery`). For any other queue: send `export()`,
and run the task `with under(adopt(sent, source=…, name=…))`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from audit_plugin.context import process
from audit_plugin.context.actors import SYSTEM, Actor
from audit_plugin.context.frames import Frame, current, foreign
from audit_plugin.context.ids import uuid7
from audit_plugin.context.resolve import resolved

#: The metadata that lists how a task came about, first to last: `["web checkout", "celery shop.tasks.ship"]`.
CHAIN = "initiated_by"
MAX_CHAIN = 8


def export() -> dict[str, Any] | None:
    """Return who is acting, as JSON, or None when nobody but a process in general is."""
    frame = current()
    if frame is None and foreign.get() is None and process.frame().source == "process":
        return None
    who = resolved()
    return {
        "actor": astuple(who.actor),
        "impersonator": who.impersonator and astuple(who.impersonator),
        "tenant": who.tenant,
        "request_id": who.columns["request_id"],
        CHAIN: _chain(who.columns),
    }


def adopt(sent: Mapping[str, Any] | None, *, source: str, name: str, executor: str | None = None) -> Frame:
    """Return the frame for a task that was sent with what `export` returned.

    Args:
        sent: What came with the task; None for one that nobody initiated, which belongs to the system.
        source: The queue.
        name: The task.
        executor: The worker.
    """
    sent = sent or {}
    chain = sent.get(CHAIN)
    return Frame(
        parent=current(),
        actor=Actor(*sent["actor"]) if sent.get("actor") else SYSTEM,
        impersonator=Actor(*sent["impersonator"]) if sent.get("impersonator") else None,
        source=source,
        name=name,
        executor=executor,
        tenant=sent.get("tenant"),
        request_id=sent.get("request_id") or str(uuid7()),
        metadata={CHAIN: list(chain)} if chain else {},
    )


def _chain(columns: Mapping[str, Any]) -> list[str]:
    chain = list(columns["metadata"].get(CHAIN, ()))
    step = " ".join(filter(None, (columns.get("source"), columns.get("name"))))
    if not chain or chain[-1] != step:  # a task that is tried again sends itself
        chain.append(step)
    return chain if len(chain) <= MAX_CHAIN else [chain[0], *chain[1 - MAX_CHAIN :]]
