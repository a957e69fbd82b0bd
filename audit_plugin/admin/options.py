"""The log's pages."""

from __future__ import annotations

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit_plugin.admin.mixins import ReadOnlyAdmin
from audit_plugin.models import Entry


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than it must: the table may hold millions of rows."""

    cap = 10_000

    @cached_property
    def count(self) -> int:
        return len(self.object_list[: self.cap])


class EntryAdmin(ReadOnlyAdmin):
    """The list of entries."""

    list_display = ["occurred_at", "actor", "action", "model", "object_id", "object_repr", "channel"]
    list_per_page = 50
    list_select_related = ["context"]
    ordering = ["-id"]
    paginator = CappedPaginator
    show_full_result_count = False
    sortable_by = ()

    @admin.display(description=_("actor"))
    def actor(self, entry: Entry) -> str:
        return str(entry.context)
