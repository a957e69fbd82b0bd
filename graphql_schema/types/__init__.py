"""The types of the API."""

from graphql_schema.types.activity import (
    AuditBar,
    AuditChoice,
    AuditCount,
    AuditFacets,
    AuditHistogram,
)
from graphql_schema.types.contexts import AuditActor, AuditContext
from graphql_schema.types.entries import AuditEntry
from graphql_schema.types.enums import (
    AuditActorKind,
    AuditExportFormat,
    AuditExportState,
    AuditOperation,
    AuditOrder,
    AuditPeriod,
    AuditRestoreChoice,
)
from graphql_schema.types.pages import AuditEntryConnection, AuditEntryEdge, PageInfo
from graphql_schema.types.parts import AuditBadge, AuditFieldChange
from graphql_schema.types.states import AuditRecordState

__all__ = [
    "AuditActor",
    "AuditActorKind",
    "AuditBadge",
    "AuditBar",
    "AuditChoice",
    "AuditContext",
    "AuditCount",
    "AuditEntry",
    "AuditEntryConnection",
    "AuditEntryEdge",
    "AuditExportFormat",
    "AuditExportState",
    "AuditFacets",
    "AuditFieldChange",
    "AuditHistogram",
    "AuditOperation",
    "AuditOrder",
    "AuditPeriod",
    "AuditRecordState",
    "AuditRestoreChoice",
    "PageInfo",
]
