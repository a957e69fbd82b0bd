"""Celery: a task is attributed to whoever initiated it, and names the worker that executes it.

Connected by itself when Celery is installed. The initiator travels in the message's headers, so it also
reaches subtasks, retries and what a chain goes on with; a periodic task has none and belongs to the system.
"""

from __future__ import annotations

from typing import Any

from celery import signals

from audit_plugin.context.frames import current, enter, leave
from audit_plugin.context.handover import adopt, export
from audit_plugin.context.hooks import report_once

HEADER = "audit_plugin"


def install() -> None:
    """Connect to Celery's signals. Safe to call twice."""
    signals.before_task_publish.connect(_on_publish, weak=False, dispatch_uid="audit_plugin")
    signals.task_prerun.connect(_on_start, weak=False, dispatch_uid="audit_plugin")
    signals.task_postrun.connect(_on_end, weak=False, dispatch_uid="audit_plugin")


def _on_publish(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is None or headers.get(HEADER):
        return
    try:
        sent = export()
    except Exception:
        report_once("celery", "A task is sent without its initiator.")
        return
    if sent is not None:
        headers[HEADER] = sent


def _on_start(task: Any, **kwargs: Any) -> None:
    request = task.request
    sent = request.get(HEADER)
    if sent is None and request.is_eager and current() is not None:
        # Run on the spot instead of being sent: whoever calls is the initiator.
        sent = export()
    enter(adopt(sent, source="celery", name=task.name, executor=request.hostname).derive(owner=request))


def _on_end(task: Any, **kwargs: Any) -> None:
    leave(task.request)
