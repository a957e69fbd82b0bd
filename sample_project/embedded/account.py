"""Under which account PostgreSQL runs, and how its programs are run."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

POSIX = os.name == "posix"


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
            "PostgreSQL refuses to run as root and there is neither an account `postgres` nor `nobody` "
            "to run it under. Run this as another user, or set DATABASE_URL to a server."
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
