"""Create, start and stop one server."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from sample_project.embedded.account import POSIX, Owner, PostgresUnavailableError
from sample_project.embedded.binaries import readable_by
from sample_project.embedded.files import PORT, locked, private_socket_directory

SUPERUSER = "postgres"
# Logical decoding, two-phase commit and several test runs side by side need more than the defaults give.
OPTIONS = {
    "wal_level": "logical",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "max_prepared_transactions": "20",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Server:
    """One PostgreSQL server of ours, running or not."""

    major: int
    data: Path

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def address(self) -> dict[str, str]:
        """Return where the server listens, as libpq's `host`, `port` and `user`."""
        if POSIX:
            return {"host": str(private_socket_directory(self.data)), "port": str(PORT), "user": SUPERUSER}
        lines = self.pid_file.read_text().splitlines() if self.pid_file.exists() else []
        return {"host": "127.0.0.1", "port": lines[3] if len(lines) > 3 else "0", "user": SUPERUSER}

    def answers(self) -> bool:
        """Return whether it is this server, not another at its address, that takes connections."""
        try:
            address = make_conninfo("", **self.address(), dbname="postgres", connect_timeout=5)
            with psycopg.connect(address) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.data.resolve()

    def start(self, binaries: Path) -> None:
        """Create the data directory if need be and start the server; safe to call from several processes."""
        with locked(self.data.with_suffix(".lock")):
            if self.answers():
                return
            owner = Owner.of(self.data) if POSIX else Owner(0, 0, dropped=False)
            if owner.dropped:
                self._check_reachable(owner)
            binaries = readable_by(owner, binaries, self.data.parent)
            if not (self.data / "PG_VERSION").exists():
                self._initialise(owner, binaries)
            self._forget_dead_postmaster()
            # After a crash the old server's children need a moment to let go of its shared memory.
            for attempt in (1, 2, 3):
                try:
                    return self._launch(owner, binaries)
                except PostgresUnavailableError as error:
                    if self.answers():
                        return
                    if attempt == 3:
                        log = self.data / "server.log"
                        tail = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
                        raise PostgresUnavailableError("\n".join([str(error), f"{log}:", *tail])) from None
                    time.sleep(1)

    def stop(self, binaries: Path) -> bool:
        """Stop the server.

        Returns:
            Whether it was running.
        """
        with locked(self.data.with_suffix(".lock")):
            if not self.answers():
                return False
            owner = Owner.of(self.data) if POSIX else Owner(0, 0, dropped=False)
            binaries = readable_by(owner, binaries, self.data.parent)
            owner.run([binaries / "pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data])
            return True

    def _check_reachable(self, owner: Owner) -> None:
        for directory in self.data.parents:
            status = directory.stat()
            if status.st_uid != owner.uid and not status.st_mode & stat.S_IXOTH:
                raise PostgresUnavailableError(
                    f"Started as root, PostgreSQL runs under the user id {owner.uid}, which can't enter "
                    f"{directory}. Set AUDIT_PGDATA to a directory that everybody can enter."
                )

    def _initialise(self, owner: Owner, binaries: Path) -> None:
        # Into a directory beside it, renamed when complete: an interrupted initdb leaves nothing half done.
        unfinished = self.data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if owner.dropped:
            os.chown(unfinished, owner.uid, owner.gid)
        locale = ["--locale=C.UTF-8"] if sys.platform == "linux" else ["--no-locale"]
        if self.major >= 17:
            locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["--auth=trust", "--encoding=UTF8", "--no-sync", *locale]
        owner.run([binaries / "initdb", "-D", unfinished, "-U", SUPERUSER, *options])
        unfinished.rename(self.data)

    def _launch(self, owner: Owner, binaries: Path) -> None:
        settings = dict(OPTIONS)
        if os.environ.get("AUDIT_PGSAFE") == "0":
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        if POSIX:
            directory = private_socket_directory(self.data)
            if directory != self.data:
                directory.mkdir(mode=0o700, exist_ok=True)
                if owner.dropped and directory.stat().st_uid == 0:
                    os.chown(directory, owner.uid, owner.gid)
                if directory.is_symlink() or directory.stat().st_uid != owner.uid:
                    raise PostgresUnavailableError(
                        f"{directory} belongs to somebody else: set a shorter AUDIT_PGDATA."
                    )
            settings |= {"listen_addresses": "", "unix_socket_directories": str(directory)}
        else:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                settings |= {"listen_addresses": "127.0.0.1", "port": str(probe.getsockname()[1])}
        arguments = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        log = self.data / "server.log"
        owner.run([binaries / "pg_ctl", "start", "-w", "-D", self.data, "-l", log, "-o", arguments])
        if not self.answers():
            raise PostgresUnavailableError(
                f"PostgreSQL {self.major} in {self.data} started but doesn't answer."
            )

    def _forget_dead_postmaster(self) -> None:
        # PostgreSQL clears the file of a crashed server itself, unless another process got its number since,
        # which is the rule in containers.
        if not self.pid_file.exists():
            return
        pid = self.pid_file.read_text().split("\n", 1)[0].strip()
        deadline = time.monotonic() + 60
        while _command_of(pid).find(str(self.data)) >= 0:
            if self.answers():
                return
            if time.monotonic() > deadline:
                raise PostgresUnavailableError(
                    f"PostgreSQL (process {pid}) runs in {self.data} but doesn't answer."
                )
            time.sleep(0.2)
        if POSIX:
            self.pid_file.unlink(missing_ok=True)
            (private_socket_directory(self.data) / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def _command_of(pid: str) -> str:
    """Return the command line of a process, empty if there is none."""
    if not pid.isdigit():
        return ""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    if not POSIX:
        return ""
    return subprocess.run(
        ["ps", "-p", pid, "-o", "command="], capture_output=True, text=True, check=False
    ).stdout
