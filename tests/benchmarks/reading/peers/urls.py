from __future__ import annotations

from auditlog.mixins import AuditlogHistoryAdminMixin
from django.apps import apps
from django.contrib import admin
from django.urls import path
from pghistory.admin import EventModelAdmin

from tests.benchmarks.reading.peers import APP
from tests.benchmarks.reading.peers.models import TRACKED


class RecordAdmin(AuditlogHistoryAdminMixin, admin.ModelAdmin):  # type: ignore[misc, type-arg]
    """A record's page, which their entries link to, with auditlog's history of it."""


class TableAdmin(EventModelAdmin):
    """The page of one event table; without a list of columns it would show the names of objects."""

    list_display = ["pgh_created_at", "pgh_label", "pgh_obj_id"]


for label, model in TRACKED.items():
    # As in the demo, the other half of the models is gone.
    if not label.startswith(("former.", "events.")):
        admin.site.register(model, RecordAdmin)
        admin.site.register(apps.get_model(APP, f"{model.__name__}Event"), TableAdmin)

urlpatterns = [path("admin/", admin.site.urls)]
