"""Settings and the host's hooks at every write: read once, and whatever a hook raises, the write goes through."""

from __future__ import annotations

import logging
from typing import Any

from django.core.signals import setting_changed

from audit_plugin.conf import PREFIX
from audit_plugin.conf import settings as conf

logger = logging.getLogger("audit_plugin")

_settings: dict[str, Any] = {}
_reported: set[str] = set()


def setting(name: str) -> Any:
    """Return a setting of ours, remembered: asking Django for one that isn't set costs more than all the rest."""
    try:
        return _settings[name]
    except KeyError:
        value = _settings[name] = getattr(conf, name)
        return value


def forget(setting: str, **kwargs: Any) -> None:
    """Read anew what a test has overridden."""
    if setting.startswith(PREFIX):
        _settings.clear()


setting_changed.connect(forget, dispatch_uid="audit_plugin.context")


def call(name: str, *args: Any) -> Any:
    """Return what the hook behind setting `name` answers, or None when there is none or it fails."""
    if setting(name) is None:
        return None
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
