"""The same endpoint once for each engine that is installed."""

from __future__ import annotations

from importlib import import_module

from django.contrib import admin
from django.urls import include, path

from graphql_schema.http.views import AuditGraphQLView
from tests.graphql_schema.engines import ENGINES

urlpatterns = [path("admin/", admin.site.urls), path("graphql/", include("graphql_schema.urls"))]
for engine in ENGINES:
    schema = import_module(f"graphql_schema.{engine}").schema
    urlpatterns.append(path(f"{engine}/", AuditGraphQLView.as_view(schema=schema)))
