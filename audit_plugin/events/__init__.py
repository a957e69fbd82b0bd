"""Entries about more than a change of a row: an approval, an export, a sign-in, somebody looking at a record.

What a host calls is also in `audit_plugin` itself.
"""

from audit_plugin.events.blocks import recording
from audit_plugin.events.domain import arecord, record, record_many
from audit_plugin.events.reads import arecord_read, record_read
from audit_plugin.events.references import Reference
from audit_plugin.events.writing import Event, write_event, write_events

__all__ = [
    "Event",
    "Reference",
    "arecord",
    "arecord_read",
    "record",
    "record_many",
    "record_read",
    "recording",
    "write_event",
    "write_events",
]
