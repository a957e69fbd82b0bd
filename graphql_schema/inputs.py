"""What clients hand in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from graphql.pyutils import snake_to_camel

from audit_plugin.filters import EntryFilter
from audit_plugin.filters.entry import PARAMETERS
from graphql_schema.errors import bad_input
from graphql_schema.ids import Kind, decode_id
from graphql_schema.spec import ID, JSON
from graphql_schema.types.enums import AuditPeriod
from graphql_schema.viewer import Viewer


@dataclass(frozen=True)
class AuditEntryFilter:
    """Conditions on entries; all that are given have to be met.

    Attributes:
        actor: The key of the actor.
        action: The action.
        model: The label of the model, such as `shop.book`.
        channel: The channel.
        object_id: The key of the record; with `model` one record, alone every record with that key.
        tenant: The tenant.
        since: The first moment. Without a time zone it is the server's.
        until: The last moment, included.
        period: A range that ends now, in place of `since`.
        search: Words.
        request_id: Everything of one request.
        context: The id of a context.
        restored_from: The id of an entry: what restored it.
        event: Everything of one event: itself, and the changes made inside it. An entry's `eventId` or `partOf`.
        related: A record as `app.model:key`: what was done to it, and events that concern it.
        extra: Values of the host's own filters by name, all of them text.
    """

    actor: str | None = None
    action: str | None = None
    model: str | None = None
    channel: str | None = None
    object_id: str | None = None
    tenant: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    period: AuditPeriod | None = None
    search: str | None = None
    request_id: str | None = None
    context: ID | None = None
    restored_from: ID | None = None
    event: str | None = None
    related: str | None = None
    extra: JSON | None = None


def read_filter(viewer: Viewer, given: AuditEntryFilter | None) -> EntryFilter:
    """Return the filter that a client asks for.

    Args:
        viewer: Who is asking.
        given: What was handed in.

    Raises:
        ApiError: Something about it is wrong, or it names what they may not see.
    """
    if given is None:
        return EntryFilter()
    values = vars(given) | {
        "model": given.model.lower() if given.model else None,
        "period": given.period.value if given.period else None,
        "context": decode_id(Kind.CONTEXT, given.context) if given.context else None,
        "restored_from": decode_id(Kind.ENTRY, given.restored_from) if given.restored_from else None,
        "extra": _extra(given.extra),
    }
    found = EntryFilter(**values)
    if errors := found.validate():
        raise bad_input(**{_FIELDS.get(name, name): text for name, text in errors.items()})
    if found.model:
        viewer.require_model(found.model)
    if found.related:
        viewer.require_model(found.related.partition(":")[0].lower(), "related")
    if found.tenant:
        viewer.require_tenant(found.tenant)
    return found


def _extra(given: object) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise bad_input(extra=_('Write it as {"name": "value"}.'))
    return given


#: The names that clients know the filter's fields by, by the names in a URL.
_FIELDS = {parameter: snake_to_camel(field, upper=False) for field, parameter in PARAMETERS.items()}
