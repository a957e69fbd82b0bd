"""The server as the guide recommends it: what is loaded at the start is no garbage, and isn't looked through for it again."""

from __future__ import annotations

import gc

from tests.graphql_schema.transports.server import asgi

__all__ = ["asgi"]

gc.collect()
gc.freeze()
