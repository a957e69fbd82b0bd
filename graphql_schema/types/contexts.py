"""Who acted, from where and in what."""

from __future__ import annotations

from audit_plugin.display import actor_label
from audit_plugin.models import Context
from graphql_schema.spec import ID, JSON, View, attribute
from graphql_schema.types.enums import AuditActorKind
from graphql_schema.types.values import context_id


class AuditActor(View[Context]):
    """Who acted, as they were known at the time."""

    key: str | None = attribute(
        "The key that the log knows them by; filter by it. Null for anonymous visitors and the system.",
        of="actor_id",
    )
    kind: AuditActorKind = attribute("What they are.", AuditActorKind, of="actor_kind")

    @property
    def label(self) -> str:
        """What they were called."""
        return actor_label(self._source)

    email: str | None = attribute("Their e-mail address.", of="actor_email")
    impersonator_key: str | None = attribute(
        "The key of the person who acted under this account, if it was somebody else.", of="impersonator_id"
    )
    impersonator_label: str | None = attribute("What that person was called.")


class AuditContext(View[Context]):
    """The request, task or command in which something happened."""

    id: ID = attribute("Its id; filter by it to get everything that the same actor did in it.", context_id)
    source: str = attribute(
        "How it came in: `web`, `admin`, `graphql`, `celery`, `command`, `sql`, or a name of the host's own."
    )
    name: str | None = attribute("The name of the view, task or command.")
    executor: str | None = attribute("What carried it out on somebody's behalf, for example a worker.")
    url: str | None = attribute("The path and query string, with secrets masked.")
    method: str | None = attribute("The HTTP method.")
    ip: str | None = attribute("The address of the client.")
    user_agent: str | None = attribute("What the client called itself.")
    request_id: str | None = attribute(
        "The id of the request, which several contexts may share; filter by it to get everything done in it."
    )
    db_role: str = attribute("The role that the database saw.")
    client_address: str | None = attribute("The address of the database's client.")
    application_name: str | None = attribute("What the database's client called itself.")
    metadata: JSON | None = attribute("Whatever else the application recorded.")
