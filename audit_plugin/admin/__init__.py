"""The log in Django's admin, in the default site as soon as the app is installed.

Another site shows it after `site.register(Entry, EntryAdmin)`.
"""

from django.contrib import admin

from audit_plugin.admin import hosts
from audit_plugin.admin.hosts import HistoryMixin
from audit_plugin.admin.options import EntryAdmin
from audit_plugin.conf import settings
from audit_plugin.models import Entry

__all__ = ["EntryAdmin", "HistoryMixin"]

admin.site.register(Entry, EntryAdmin)
if settings.ADMIN_HISTORY:
    hosts.install()
