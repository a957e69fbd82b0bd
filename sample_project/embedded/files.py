"""Where a server of ours keeps its files, and the lock that guards them."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sample_project.embedded.account import POSIX, PostgresUnavailableError

PORT = 5432
# The kernel's limit for a socket's path is 104 bytes on macOS and 108 on Linux, its closing NUL included.
LONGEST_SOCKET = 103


def base_directory() -> Path:
    """Return the directory that holds the data directories `pg16`, `pg18`, …, owned by the caller alone."""
    if chosen := os.environ.get("AUDIT_PGDATA"):
        base = Path(chosen).expanduser().resolve()
    else:
        shared = Path("/var/tmp") if POSIX else Path(tempfile.gettempdir())
        base = shared / f"audit-plugin-{os.getuid() if POSIX else os.environ.get('USERNAME', 'user')}"
    base.mkdir(mode=0o755, parents=True, exist_ok=True)
    if POSIX and (base.is_symlink() or base.stat().st_uid != os.getuid()):
        raise PostgresUnavailableError(
            f"{base} belongs to somebody else. Remove it, or set AUDIT_PGDATA to a directory of your own."
        )
    return base


def private_socket_directory(data: Path) -> Path:
    """Return a directory for the Unix socket whose path the kernel accepts."""
    if len(os.fsencode(data / f".s.PGSQL.{PORT}.lock")) <= LONGEST_SOCKET:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path("/tmp") / f"audit-plugin-{digest}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes. The system lets go of it when a process dies."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            yield
