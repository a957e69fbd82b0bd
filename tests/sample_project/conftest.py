from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sample_project import postgres
from sample_project.embedded import Server
from sample_project.embedded.binaries import find_binaries


@contextmanager
def directory_for_servers() -> Iterator[Path]:
    # pytest's directories are closed to the account that PostgreSQL runs under when we are root.
    base = Path(tempfile.mkdtemp(prefix="audit-test-", dir="/var/tmp"))
    base.chmod(0o755)
    with pytest.MonkeyPatch.context() as environment:
        for name in ("DATABASE_URL", "DATABASE_NAME", "PG_VERSION", "AUDIT_PGSAFE"):
            environment.delenv(name, raising=False)
        environment.setenv("AUDIT_PGDATA", str(base))
        yield base
    for data in base.glob("pg*/PG_VERSION"):
        major, binaries = find_binaries(int(data.read_text()))
        Server(major, data.parent).stop(binaries)
    shutil.rmtree(base)


@pytest.fixture
def own_base() -> Iterator[Path]:
    """A directory for servers of a test's own, which are stopped at its end; `AUDIT_PGDATA` leads there."""
    with directory_for_servers() as base:
        yield base


@pytest.fixture
def own_server(own_base: Path) -> dict[str, object]:
    """A running server of the test's own, to be mistreated; its DATABASES entry."""
    return postgres.start()


@pytest.fixture(scope="module")
def running_base() -> Iterator[Path]:
    with directory_for_servers() as base:
        postgres.start()
        yield base


@pytest.fixture
def server(running_base: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A running server shared by a module; its DATABASES entry."""
    for name in ("DATABASE_URL", "DATABASE_NAME", "PG_VERSION", "AUDIT_PGSAFE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUDIT_PGDATA", str(running_base))
    return postgres.start()
