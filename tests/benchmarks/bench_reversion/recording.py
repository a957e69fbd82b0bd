"""A revision around each action, since it is written when its block ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import reversion

from tests.benchmarks import recording


class Recording(recording.Recording):
    logs = ("reversion_version",)
    contexts = ("reversion_revision",)
    context_each_action = True

    @contextmanager
    def action(self) -> Iterator[None]:
        with reversion.create_revision():
            reversion.set_user(self.user)
            yield
