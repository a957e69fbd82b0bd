"""An audit log for Django on PostgreSQL: every write, its author, before and after, append-only."""

from audit_plugin.capture.registry import track
from audit_plugin.context import carry, context

__all__ = ["carry", "context", "track"]
