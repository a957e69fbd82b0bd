"""django-import-export: exports and imports that the host's admins do become entries by themselves.

Its signals say which model, and nothing else; the rows come from the resource, who and how from the request.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from typing import Any

from import_export import resources
from import_export.signals import post_export, post_import

from audit_plugin.context.frames import current
from audit_plugin.context.request import is_secret
from audit_plugin.events.quiet import write_quietly
from audit_plugin.events.writing import Event
from audit_plugin.models import Entry

#: What the resource at work has done last: rows and, for an import, how many were new, updated …
_done: ContextVar[dict[str, Any] | None] = ContextVar("audit_plugin_importexport", default=None)
MARK = "audit_plugin"
#: Fields of the forms that are no filter.
FORM = frozenset({"csrfmiddlewaretoken", "format", "resource", "action", "export_items", "_selected_action"})


def install() -> None:
    """Listen to its signals, and count rows. Safe to call twice."""
    post_export.connect(_on_export, dispatch_uid="audit_plugin")
    post_import.connect(_on_import, dispatch_uid="audit_plugin")
    if not hasattr(resources.Resource.export, MARK):
        base: Any = resources.Resource
        base.export = _counting_export(base.export)
        base.import_data = _counting_import(base.import_data)


def _counting_export(original: Any) -> Any:
    @wraps(original)
    def export(self: Any, *args: Any, **kwargs: Any) -> Any:
        dataset = original(self, *args, **kwargs)
        _done.set({"rows": len(dataset)})
        return dataset

    setattr(export, MARK, True)
    return export


def _counting_import(original: Any) -> Any:
    @wraps(original)
    def import_data(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        counts = {kind: number for kind, number in result.totals.items() if number}
        _done.set({"rows": result.total_rows, **counts})
        return result

    return import_data


def _on_export(model: Any = None, **kwargs: Any) -> None:
    _write("data.exported", model)


def _on_import(model: Any = None, **kwargs: Any) -> None:
    _write("data.imported", model)


def _write(action: str, model: Any) -> None:
    done = _done.get() or {"rows": None}
    _done.set(None)
    # Exports of the log itself are recorded by those who make them.
    if model is None or model is Entry:
        return
    details = {**done, "format": _format(action), "filters": _filters() or None}
    event = Event(
        action, "data", model._meta.label_lower, details={k: v for k, v in details.items() if v is not None}
    )
    write_quietly(event)


def _format(action: str) -> str | None:
    """Return what the file was, by its name: the forms hold the place of a format in the admin's list."""
    request = getattr(current(), "request", None)
    if request is None:
        return None
    chosen = request.POST.get("format") or request.GET.get("format")
    view = getattr(getattr(request, "resolver_match", None), "func", None)
    admin: Any = None
    while view is not None and admin is None:
        admin, view = getattr(view, "__self__", None), getattr(view, "__wrapped__", None)
    try:
        formats = admin.get_export_formats() if action == "data.exported" else admin.get_import_formats()
        return str(formats[int(chosen or 0)]().get_title())
    except (AttributeError, TypeError, ValueError, IndexError):
        # A view of the host's own, which knows formats by other names.
        return str(chosen) if chosen else None


def _filters() -> dict[str, Any]:
    request = getattr(current(), "request", None)
    if request is None:
        return {}
    return {
        name: request.GET.getlist(name) if len(request.GET.getlist(name)) > 1 else value
        for name, value in request.GET.items()
        if name not in FORM and not is_secret(name)
    }
