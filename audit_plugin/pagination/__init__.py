"""Pages by position, not by number: any depth costs the same, and what arrives meanwhile moves nothing."""

from audit_plugin.exceptions import InvalidCursor
from audit_plugin.pagination.counting import Count, count, position
from audit_plugin.pagination.cursors import ORDERS
from audit_plugin.pagination.pages import DEFAULT_SIZE, MAX_SIZE, Page, page, parse_size

__all__ = [
    "DEFAULT_SIZE",
    "MAX_SIZE",
    "ORDERS",
    "Count",
    "InvalidCursor",
    "Page",
    "count",
    "page",
    "parse_size",
    "position",
]
