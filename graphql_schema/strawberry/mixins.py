"""What a host mixes into its own types of queries, mutations and subscriptions."""

from __future__ import annotations

import strawberry

from graphql_schema import exports, queries, recording, restoring, subscriptions
from graphql_schema.strawberry.rendering import renderer


@strawberry.type
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


@strawberry.type
class AuditMutation:
    """What can be done with the audit log."""

    audit_preview_restore = renderer.field(restoring.preview_restore)
    audit_restore = renderer.field(restoring.restore)
    audit_request_export = renderer.field(exports.request_export)
    audit_record_event = renderer.field(recording.record_event)


@strawberry.type
class AuditSubscription:
    """Following the audit log."""

    audit_feed = renderer.subscription(subscriptions.feed)
