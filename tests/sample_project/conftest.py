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


def lead_to(base: Path, environment: pytest.MonkeyPatch) -> None:
    """Let the environment name a directory for servers, and nothing else."""
    for name in ("DATABASE_URL", "DATABASE_NAME", "PG_VERSION", "AUDIT_PGSAFE"):
        environment.delenv(name, raising=False)
    environment.setenv("AUDIT_PGDATA", str(base))


@contextmanager
def directory_for_servers() -> Iterator[Path]:
    # pytest's directories are closed to the account that PostgreSQL runs under when we are root.
    base = Path(tempfile.mkdtemp(prefix="audit-test-", dir="/var/tmp"))
    base.chmod(0o755)
    yield base
    for data in base.glob("pg*/PG_VERSION"):
        major, binaries = find_binaries(int(data.read_text()))
        Server(major, data.parent).stop(binaries)
    shutil.rmtree(base)


# The environment is changed by each test's own `monkeypatch` only. A second one that outlives it, or is taken back in another
# order, would leave the programs that later tests start with a server that is gone.
@pytest.fixture
def own_base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory for servers of a test's own, which are stopped at its end; `AUDIT_PGDATA` leads there."""
    with directory_for_servers() as base:
        lead_to(base, monkeypatch)
        yield base


@pytest.fixture
def own_server(own_base: Path) -> dict[str, object]:
    """A running server of the test's own, to be mistreated; its DATABASES entry."""
    return postgres.start()


@pytest.fixture(scope="module")
def running_base() -> Iterator[Path]:
    with directory_for_servers() as base:
        yield base


@pytest.fixture
def server(running_base: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A running server shared by a module; its DATABASES entry."""
    lead_to(running_base, monkeypatch)
    return postgres.start()
