from __future__ import annotations

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

admin.site.site_header = _("Studio Desk")
admin.site.site_title = _("Studio Desk")
admin.site.index_title = _("Photo sessions, people and the things they use")

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("admin/", admin.site.urls),
    # An application of its own on the GraphQL API: lists, follows live, restores.
    path("live/", TemplateView.as_view(template_name="live.html"), name="live"),
    path("graphql/", include("graphql_schema.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    # Serves uploads while DEBUG is on, and nothing otherwise.
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
