"""What a host mixes into its own query and mutation types: `class Query(AuditQuery, HostQuery, graphene.ObjectType)`."""

from __future__ import annotations

from graphql_schema import exports, queries, recording, restoring
from graphql_schema.graphene.rendering import renderer


class AuditQuery:
    """Questions to the audit log."""

    audit_entries = renderer.field(queries.entries)
    audit_entry = renderer.field(queries.entry)
    audit_related_entries = renderer.field(queries.related_entries)
    audit_record_history = renderer.field(queries.record_history)
    audit_record_as_of = renderer.field(queries.record_as_of)
    audit_facets = renderer.field(queries.facets)
    audit_histogram = renderer.field(queries.histogram)
    audit_entry_count = renderer.field(queries.entry_count)
    audit_export = renderer.field(exports.export)


class AuditMutation:
    """What can be done with the audit log."""

    audit_preview_restore = renderer.field(restoring.preview_restore)
    audit_restore = renderer.field(restoring.restore)
    audit_request_export = renderer.field(exports.request_export)
    audit_record_event = renderer.field(recording.record_event)
