"""The context that pghistory's middleware opens for a request."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pghistory

from tests.benchmarks import recording


class Recording(recording.Recording):
    logs = (
        "bench_pghistory_bookevent",
        "bench_pghistory_novelevent",
        "bench_pghistory_chapterevent",
        "bench_pghistory_tagevent",
        "bench_pghistory_anthologyevent",
        "bench_pghistory_anthologytagevent",
    )
    contexts = ("pghistory_context",)

    def request(self) -> AbstractContextManager[Any]:
        return pghistory.context(user=self.user.pk, url="/shop/book/change/")
