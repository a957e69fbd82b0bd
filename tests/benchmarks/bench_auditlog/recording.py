"""The actor as auditlog's middleware sets it for a request."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from auditlog.context import set_actor

from tests.benchmarks import recording


class Recording(recording.Recording):
    logs = ("auditlog_logentry",)

    def request(self) -> AbstractContextManager[Any]:
        actor: AbstractContextManager[Any] = set_actor(self.user, remote_addr="127.0.0.1")
        return actor
