"""The servers of downloads, and a client that may hang up."""

from __future__ import annotations

import socket
import struct
from contextlib import AbstractContextManager
from typing import Self

from tests.servers import Server, serving

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


def running(name: str) -> AbstractContextManager[Server]:
    """Run a server."""
    return serving(COMMANDS[name], DJANGO_SETTINGS_MODULE="tests.export.server_settings")
