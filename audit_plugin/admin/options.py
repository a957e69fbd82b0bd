"""The log in an admin site: its pages and their addresses. What is on them is elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from audit_plugin.admin.base import LogPage
from audit_plugin.admin.export import ExportPage
from audit_plugin.admin.history import DeletedPage, RecordPage
from audit_plugin.admin.mixins import ReadOnlyAdmin
from audit_plugin.admin.pages import ChoicesPage, EntryPage, ListPage, NewsPage, PreferencesPage
from audit_plugin.admin.restoring.page import RestoreEntryPage, RestorePage
from audit_plugin.admin.version import VersionPage
from audit_plugin.models import Entry
from audit_plugin.visibility import visible_entries


class EntryAdmin(ReadOnlyAdmin):
    """The log, for every admin site it is registered in."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        # For whatever else asks an admin for its records: other packages, and views of Django's that aren't replaced here.
        return visible_entries(request.user)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("news/", self._view(NewsPage), name="audit_plugin_entry_news"),
            path("deleted/", self._view(DeletedPage), name="audit_plugin_entry_deleted"),
            path(
                "record/<str:model>/<path:object_id>/as-of/",
                self._view(VersionPage),
                name="audit_plugin_entry_version",
            ),
            path(
                "record/<str:model>/<path:object_id>/",
                self._view(RecordPage),
                name="audit_plugin_entry_record",
            ),
            path("restore/", self._view(RestorePage), name="audit_plugin_entry_restore_several"),
            path(
                "<str:object_id>/restore/",
                self._view(RestoreEntryPage),
                name="audit_plugin_entry_restore",
            ),
            path("export/", self._view(ExportPage), name="audit_plugin_entry_export"),
            path("choices/", self._view(ChoicesPage), name="audit_plugin_entry_choices"),
            path(
                "preferences/",
                self._view(PreferencesPage),
                name="audit_plugin_entry_preferences",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return ListPage(self.admin_site, request).respond()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        return EntryPage(self.admin_site, request).respond(object_id=object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        # Nothing happens to an entry: what there is to tell stands on its page, for whoever may see that.
        return EntryPage(self.admin_site, request).respond(object_id=object_id)

    def _view(self, page: type[LogPage]) -> Callable[..., HttpResponseBase]:
        def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            return page(self.admin_site, request).respond(**kwargs)

        found: Callable[..., HttpResponseBase] = self.admin_site.admin_view(view)
        return found
