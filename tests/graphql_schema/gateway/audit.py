"""The URLs of the audit log's service: the demo's, and the subgraph for a federating gateway."""

from __future__ import annotations

from django.urls import path

from graphql_schema.http.views import AuditGraphQLView
from graphql_schema.strawberry.federation import federated_schema
from sample_project.urls import urlpatterns as demo

urlpatterns = [*demo, path("subgraph/", AuditGraphQLView.as_view(schema=federated_schema()))]
