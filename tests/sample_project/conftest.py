from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sample_project import postgres
from sample_project.embedded import PostgresUnavailableError, Server
from sample_project.embedded.binaries import find_binaries


@pytest.fixture
def own_base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory for servers of a test's own, which are stopped at its end."""
    # pytest's directories are closed to the account that PostgreSQL runs under when we are root.
    base = Path(tempfile.mkdtemp(prefix="audit-test-", dir="/var/tmp"))
    base.chmod(0o755)
    for name in ("DATABASE_URL", "DATABASE_NAME", "PG_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUDIT_PGDATA", str(base))
    yield base
    for data in base.rglob("PG_VERSION"):
        if data.parent.name.startswith("pg"):
            major, binaries = find_binaries(int(data.read_text()))
            Server(major, data.parent).stop(binaries)
    shutil.rmtree(base)


@pytest.fixture
def own_server(own_base: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A running server of the test's own; its DATABASES entry."""
    try:
        return postgres.start()
    except PostgresUnavailableError as error:
        pytest.skip(str(error))
