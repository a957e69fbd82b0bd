"""Programs in JavaScript, where Node and their packages are."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import ROOT


def needs_packages(folder: Path) -> pytest.MarkDecorator:
    """Return the mark that skips tests where a folder's packages are not installed."""
    return pytest.mark.skipif(
        shutil.which("node") is None or not (folder / "node_modules").is_dir(),
        reason=f"needs Node and its packages: npm ci --prefix {folder.relative_to(ROOT)}",
    )


def run_node(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a program and return what it prints."""
    found = subprocess.run(
        ["node", *map(str, command)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout
