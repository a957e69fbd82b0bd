"""Real servers, each a process of its own, and a client that may hang up."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from django.db import connection

ROOT = Path(__file__).parent.parent.parent

#: How each is started on a port.
COMMANDS = {
    "gunicorn": [
        "gunicorn",
        "--threads=4",
        "--graceful-timeout=2",
        "--bind=127.0.0.1:{port}",
        "tests.export.server:wsgi",
    ],
    "uvicorn": [
        "uvicorn",
        "--port={port}",
        "--log-level=warning",
        "--timeout-graceful-shutdown=2",
        "tests.export.server:asgi",
    ],
}


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


class Visitor:
    """A connection to a server, as raw as a browser's that is closed in the middle.

    Args:
        port: Where the server listens.
        path: What to ask for.
        session: The key of a session.
    """

    def __init__(self, port: int, path: str, session: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        # A small window, so that the server notices soon that nobody reads.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={session}\r\nConnection: close\r\n\r\n"
        self.socket.sendall(request.encode())

    def read(self, enough: int) -> bytes:
        """Read at least so many bytes."""
        found = b""
        while len(found) < enough and (piece := self.socket.recv(65536)):
            found += piece
        return found

    def read_until(self, text: bytes) -> bytes:
        """Read until a text has come, or the end."""
        found = b""
        while text not in found and (piece := self.socket.recv(65536)):
            found += piece
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def hang_up(self) -> None:
        """Close the connection as a process does that is killed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Run a server on the test's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [part.format(port=port) for part in COMMANDS[name]]
    environment = {
        **os.environ,
        "DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "DJANGO_SETTINGS_MODULE": "tests.export.server_settings",
    }
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, f"{name} does not start"
                time.sleep(0.05)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(timeout=20)
