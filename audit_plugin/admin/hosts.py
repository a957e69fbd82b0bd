"""The audit log behind the History button of the host's own models, by a mixin or for all of them."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import get_template, select_template
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit_plugin.admin.history import RecordPage
from audit_plugin.capture.registry import tracked_models
from audit_plugin.conf import settings
from audit_plugin.models import Entry
from audit_plugin.visibility import gate, may_view


class HostRecordPage(RecordPage):
    """The history of a record in the frame of the host's own admin of it."""

    host: ModelAdmin[Any]
    record: Any

    def crumbs(self, *last: dict[str, str]) -> list[dict[str, str]]:
        options, site = self.host.opts, self.site.name
        name = f"admin:{options.app_label}_{options.model_name}"
        found = [
            {
                "label": str(options.app_config.verbose_name),
                "url": reverse("admin:app_list", args=[options.app_label], current_app=site),
            },
            {
                "label": capfirst(str(options.verbose_name_plural)),
                "url": reverse(f"{name}_changelist", current_app=site),
            },
        ]
        if self.record is not None:
            url = reverse(f"{name}_change", args=[quote(self.record.pk)], current_app=site)
            found.append({"label": str(self.record), "url": url})
        return [*found, {"label": _("History")}]


def history_of(host: ModelAdmin[Any], request: HttpRequest, object_id: str) -> HttpResponseBase | None:
    """Return the page of a record's history, or None where the admin's own is to be shown.

    That is so for who may not view the log, for a model that isn't recorded, and where the site has no log.

    Args:
        host: The admin of the record's model.
        request: The request.
        object_id: The record's key as it is in the URL.

    Raises:
        PermissionDenied: The person may not view the record.
    """
    if not shows_log(host, request) or host.model._meta.concrete_model not in tracked_models():
        return None
    record = host.get_object(request, unquote(object_id))
    if record is not None and not host.has_view_or_change_permission(request, record):
        raise PermissionDenied
    page = HostRecordPage(host.admin_site, request)
    page.host, page.record = host, record
    return page.respond(model=host.model._meta.label_lower, object_id=object_id)


def shows_log(host: ModelAdmin[Any], request: HttpRequest) -> bool:
    """Return whether somebody gets to see the log in the site that an admin belongs to."""
    return host.admin_site.is_registered(Entry) and may_view(request.user) and gate(request) is None


if TYPE_CHECKING:
    Mixin = ModelAdmin[Any]
else:
    Mixin = object


class HistoryMixin(Mixin):
    """Puts the audit log's history of a record behind the History button, also for one that was deleted.

    Adds a button "Deleted records" to the list. Write it before `ModelAdmin`:

    Example:
        class BookAdmin(HistoryMixin, admin.ModelAdmin): ...
    """

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        page = history_of(self, request, object_id)
        return page or super().history_view(request, object_id, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response: Any = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and shows_log(self, request):
            _add_button(response, self)
        return response


def _add_button(response: TemplateResponse, host: ModelAdmin[Any]) -> None:
    """Put ours around whatever template the list has, so that it goes with other packages' buttons."""
    names: Any = response.template_name
    template: Any = get_template(names) if isinstance(names, str) else select_template(list(names))
    url = reverse("admin:audit_plugin_entry_deleted", current_app=host.admin_site.name)
    context = response.context_data or {}
    context["audit_base"] = template.template
    context["audit_deleted_url"] = f"{url}?model={host.model._meta.label_lower}"
    response.context_data = context
    response.template_name = "admin/audit_plugin/change_list.html"


def install() -> None:
    """Do what the mixin does for the History button of every model; for AUDIT_ADMIN_HISTORY."""
    original = ModelAdmin.history_view
    if getattr(original, "audit_plugin", False):
        return

    @wraps(original)
    def history_view(
        self: ModelAdmin[Any],
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        page = history_of(self, request, object_id) if settings.ADMIN_HISTORY else None
        return page or original(self, request, object_id, extra_context)

    history_view.audit_plugin = True  # type: ignore[attr-defined]
    ModelAdmin.history_view = history_view  # type: ignore[method-assign, assignment]
