"""What people read: labels, badges, values, changes. Plain data, escaped by whoever puts it on a page."""

from audit_plugin.display.badges import Badge, badge, badge_of
from audit_plugin.display.diffs import JsonChange, Span, json_diff, word_diff
from audit_plugin.display.labels import (
    action_label,
    actor_label,
    actor_phrase,
    channel_label,
    context_of,
    field_label,
    in_order,
    looking_up_once,
    model_label,
    subject_label,
)
from audit_plugin.display.names import Names, names_in, names_of, names_of_records
from audit_plugin.display.sentences import describe
from audit_plugin.display.values import format_value
from audit_plugin.display.views import ChangeView, Link, Summary, change_view, change_views, summary

__all__ = [
    "Badge",
    "ChangeView",
    "JsonChange",
    "Link",
    "Names",
    "Span",
    "Summary",
    "action_label",
    "actor_label",
    "actor_phrase",
    "badge",
    "badge_of",
    "change_view",
    "change_views",
    "channel_label",
    "context_of",
    "describe",
    "field_label",
    "format_value",
    "in_order",
    "json_diff",
    "looking_up_once",
    "model_label",
    "names_in",
    "names_of",
    "names_of_records",
    "subject_label",
    "summary",
    "word_diff",
]
