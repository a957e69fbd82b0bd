"""Entries as they are committed: each once, in the order of `seq`, from any place on. See docs/how-to/subscriptions.md.

One thread per process reads the log for all who follow it; see docs/decisions/0008-feed.md.
"""

from audit_plugin.feed.errors import FeedClosed, FeedUnavailable
from audit_plugin.feed.positions import decode_position, encode_position
from audit_plugin.feed.stream import Delivery, follow
from audit_plugin.feed.watch import RequestWatch, Watch

__all__ = [
    "Delivery",
    "FeedClosed",
    "FeedUnavailable",
    "RequestWatch",
    "Watch",
    "decode_position",
    "encode_position",
    "follow",
]
