from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GraphQLSchemaConfig(AppConfig):
    """Brings the command `audit_schema` and the explorer's static files."""

    name = "graphql_schema"
    verbose_name = _("audit log API")
