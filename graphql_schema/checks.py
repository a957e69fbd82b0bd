"""What can be wrong with the settings of the API, said when the server starts."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from audit_plugin.actions import find
from audit_plugin.conf import settings
from audit_plugin.exceptions import ConfigurationError
from graphql_schema.http.allowed import allowed_documents

#: Settings that nothing works with unless they are at least 1.
LIMITS = (
    "GRAPHQL_MAX_DEPTH",
    "GRAPHQL_MAX_ALIASES",
    "GRAPHQL_MAX_FIELDS",
    "GRAPHQL_MAX_TOKENS",
    "GRAPHQL_EXPORT_SECONDS",
)


@register("audit")
def check_api(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Check what the API needs."""
    return [*_check_engine(), *_check_limits(), *_check_persisted(), *_check_events()]


def _check_engine() -> Iterator[CheckMessage]:
    if not find_spec("strawberry") and not find_spec("graphene"):
        yield Error(
            "graphql_schema has no GraphQL library to work with.",
            hint="Install django-audit-plugin[strawberry] or django-audit-plugin[graphene].",
            id="graphql_schema.E001",
        )


def _check_limits() -> Iterator[CheckMessage]:
    for name in LIMITS:
        value = getattr(settings, name)
        # A wrong type is what audit_plugin.E001 is about.
        if isinstance(value, int) and value < 1:
            yield Error(
                f"AUDIT_{name} must be at least 1, or nothing can be asked.", id="graphql_schema.E002"
            )


def _check_persisted() -> Iterator[CheckMessage]:
    try:
        allowed_documents()
    except (OSError, ValueError, ImproperlyConfigured) as error:
        yield Error(
            f"AUDIT_GRAPHQL_PERSISTED can't be read: {error}",
            hint='Give the path of a JSON file with {"<sha256>": "<document>"}, or a dictionary like that.',
            id="graphql_schema.E003",
        )


def _check_events() -> Iterator[CheckMessage]:
    events = settings.GRAPHQL_EVENTS
    for action, permission in events.items() if isinstance(events, dict) else ():
        try:
            known = find(action)
        except ConfigurationError:
            continue  # audit_plugin says so
        if known is None:
            yield Error(
                f"AUDIT_GRAPHQL_EVENTS opens {action}, which is no action.",
                hint="Declare it in AUDIT_ACTIONS or with audit_plugin.declare().",
                id="graphql_schema.E004",
            )
        if isinstance(permission, str) and permission.count(".") != 1:
            yield Error(
                f"AUDIT_GRAPHQL_EVENTS: {permission!r}, which {action} takes, is no permission.",
                hint='Write it as "app_label.codename".',
                id="graphql_schema.E005",
            )
