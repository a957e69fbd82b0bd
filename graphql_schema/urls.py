"""Ready to include: `path("graphql/", include("graphql_schema.urls"))`."""

from __future__ import annotations

from django.urls import path

from graphql_schema.http.exports import AuditGraphQLExportView
from graphql_schema.http.views import AuditGraphQLView

app_name = "audit_graphql"
urlpatterns = [
    path("", AuditGraphQLView.as_view(), name="graphql"),
    path("export/<str:token>/", AuditGraphQLExportView.as_view(), name="export"),
]
