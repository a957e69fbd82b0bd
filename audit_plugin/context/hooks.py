"""Calling the host's hooks: whatever they raise, the write goes through, and the log says so once."""

from __future__ import annotations

import logging
from typing import Any

from audit_plugin.conf import settings as conf

logger = logging.getLogger("audit_plugin")

_reported: set[str] = set()


def call(name: str, *args: Any) -> Any:
    """Return what the hook behind setting `name` answers, or None when there is none or it fails."""
    try:
        hook = conf.hook(name)
        return None if hook is None else hook(*args)
    except Exception:
        report_once(name, "The hook in AUDIT_%s failed; the entry is written without it.", name)
        return None


def report_once(key: str, message: str, *args: object) -> None:
    """Log the exception being handled, the first time only: a hook that fails, fails at every write."""
    if key not in _reported:
        _reported.add(key)
        logger.exception(message, *args)
