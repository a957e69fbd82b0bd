"""The processes of all contestants, as the one that measures sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any

#: Left out of the workers' environment: both would slow Python down, not what is measured.
UNWANTED = ("PYTHONDEVMODE", "PYTHONWARNINGS", "PYTHONASYNCIODEBUG")


class Remote:
    """A contestant's process.

    Args:
        name: The contestant.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        environment = {key: value for key, value in os.environ.items() if key not in UNWANTED}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker"],
            env=environment
            | {"BENCH_CONTESTANT": name, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def __enter__(self) -> Remote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def order(self, order: str, **arguments: Any) -> Any:
        """Have the process do something, and wait until it has.

        Args:
            order: The name of a method of `tests.benchmarks.worker.Worker`.
            **arguments: Its arguments.

        Raises:
            RuntimeError: The process ended; what it printed says why.
        """
        assert self._process.stdin is not None
        print(json.dumps([order, arguments]), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The process of {self.name} ended with code {self._process.wait()}.")
        return json.loads(line)


@contextmanager
def workers(names: Sequence[str]) -> Iterator[dict[str, Remote]]:
    """Start the processes of the contestants, and end them with the block.

    Args:
        names: The contestants.
    """
    with ExitStack() as stack:
        yield {name: stack.enter_context(Remote(name)) for name in names}
