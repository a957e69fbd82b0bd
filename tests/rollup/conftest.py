from __future__ import annotations

from tests.emptying import empty_log

__all__ = ["empty_log"]
