"""Who acted, from where and in what."""

from __future__ import annotations

from audit_plugin.display import actor_label
from audit_plugin.models import Context
from graphql_schema.ids import Kind, encode_id
from graphql_schema.spec import ID, JSON, View
from graphql_schema.types.enums import AuditActorKind


class AuditActor(View[Context]):
    """Who acted, as they were known at the time."""

    @property
    def key(self) -> str | None:
        """The key that the log knows them by; filter by it. Null for anonymous visitors and the system."""
        return self._source.actor_id

    @property
    def kind(self) -> AuditActorKind:
        """What they are."""
        return AuditActorKind(self._source.actor_kind)

    @property
    def label(self) -> str:
        """What they were called."""
        return actor_label(self._source)

    @property
    def email(self) -> str | None:
        """Their e-mail address."""
        return self._source.actor_email

    @property
    def impersonator_key(self) -> str | None:
        """The key of the person who acted under this account, if it was somebody else."""
        return self._source.impersonator_id

    @property
    def impersonator_label(self) -> str | None:
        """What that person was called."""
        return self._source.impersonator_label


class AuditContext(View[Context]):
    """The request, task or command in which something happened."""

    @property
    def id(self) -> ID:
        """Its id; filter by it to get everything that the same actor did in it."""
        return encode_id(Kind.CONTEXT, self._source.id)

    @property
    def source(self) -> str:
        """How it came in: `web`, `admin`, `graphql`, `celery`, `command`, `sql`, or a name of the host's own."""
        return self._source.source

    @property
    def name(self) -> str | None:
        """The name of the view, task or command."""
        return self._source.name

    @property
    def executor(self) -> str | None:
        """What carried it out on somebody's behalf, for example a worker."""
        return self._source.executor

    @property
    def url(self) -> str | None:
        """The path and query string, with secrets masked."""
        return self._source.url

    @property
    def method(self) -> str | None:
        """The HTTP method."""
        return self._source.method

    @property
    def ip(self) -> str | None:
        """The address of the client."""
        return self._source.ip

    @property
    def user_agent(self) -> str | None:
        """What the client called itself."""
        return self._source.user_agent

    @property
    def request_id(self) -> str | None:
        """The id of the request, which several contexts may share; filter by it to get everything done in it."""
        return self._source.request_id

    @property
    def db_role(self) -> str:
        """The role that the database saw."""
        return self._source.db_role

    @property
    def client_address(self) -> str | None:
        """The address of the database's client."""
        return self._source.client_address

    @property
    def application_name(self) -> str | None:
        """What the database's client called itself."""
        return self._source.application_name

    @property
    def metadata(self) -> JSON | None:
        """Whatever else the application recorded."""
        return self._source.metadata
