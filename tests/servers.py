"""Servers that tests start, each a process of its own on the test's database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parent.parent


class Server:
    """A running server.

    Attributes:
        port: Where it listens.
        pid: The process that answers.
    """

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    @property
    def pid(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self.process.pid

    def reset_peak(self) -> int:
        """Forget the highest memory use so far, and return the present one in bytes."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        return self._status("VmRSS")

    def peak(self) -> int:
        """Return the highest memory use since, in bytes."""
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


@contextmanager
def serving(command: Sequence[str], port: int = 0, **environment: str) -> Iterator[Server]:
    """Run a server until the block ends.

    Args:
        command: A module of Python and its arguments, in which `{port}` stands for the port.
        port: Where it is to listen; 0 for any that is free.
        **environment: Variables of the process, above ours.
    """
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    variables = {**os.environ, "DATABASE_NAME": str(connection.settings_dict["NAME"]), **environment}
    arguments = [part.format(port=port) for part in command]
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, env=variables)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, f"{command[0]} does not start"
                time.sleep(0.05)
        yield Server(port, process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=20)
