"""Print the GraphQL schema."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from graphql_schema.sdl import print_schema


class Command(BaseCommand):
    help = "Print the GraphQL schema of the audit log, for code generators and gateways."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "schema", nargs="?", help="The dotted path of another schema than the audit log's own."
        )
        parser.add_argument(
            "--federation",
            action="store_true",
            help="Print what a federated gateway composes; needs Strawberry.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["federation"]:
                from graphql_schema.strawberry.federation import federated_schema

                schema: Any = federated_schema()
            else:
                schema = import_string(options["schema"]) if options["schema"] else None
            self.stdout.write(print_schema(schema), ending="")
        except ImportError as error:
            raise CommandError(str(error)) from error
