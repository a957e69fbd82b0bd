from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GraphQLSchemaConfig(AppConfig):
    """Brings the command `audit_schema`, the checks and the explorer's static files."""

    name = "graphql_schema"
    verbose_name = _("audit log API")

    def ready(self) -> None:
        """Register the checks."""
        # They import no GraphQL: where there is none, they are what says so.
        from graphql_schema import checks  # noqa: F401
