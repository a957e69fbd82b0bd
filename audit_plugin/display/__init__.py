"""What people read: labels, badges, values, changes. Plain data, escaped by whoever puts it on a page."""

from audit_plugin.display.badges import Badge, badge
from audit_plugin.display.diffs import JsonChange, Span, json_diff, word_diff
from audit_plugin.display.labels import (
    action_label,
    actor_label,
    channel_label,
    field_label,
    model_label,
    subject_label,
)
from audit_plugin.display.sentences import describe
from audit_plugin.display.values import format_value
from audit_plugin.display.views import ChangeView, Summary, change_views, summary

__all__ = [
    "Badge",
    "ChangeView",
    "JsonChange",
    "Span",
    "Summary",
    "action_label",
    "actor_label",
    "badge",
    "change_views",
    "channel_label",
    "describe",
    "field_label",
    "format_value",
    "json_diff",
    "model_label",
    "subject_label",
    "summary",
    "word_diff",
]
