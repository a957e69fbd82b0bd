"""The context that our middleware opens for a request."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import audit_plugin
from tests.benchmarks import recording


class Recording(recording.Recording):
    logs = ("audit_plugin_entry",)
    contexts = ("audit_plugin_context",)

    def request(self) -> AbstractContextManager[Any]:
        return audit_plugin.context(actor=self.user)
