"""Programs in JavaScript, where Node and their packages are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.servers import ROOT

#: What the packages ask for.
OLDEST = 20


@cache
def node_version() -> int:
    """Return which Node is here; 0 where there is none."""
    if shutil.which("node") is None:
        return 0
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=60).stdout
    found = re.match(r"v(\d+)\.", told)
    return int(found[1]) if found else 0


def needs_packages(folder: Path) -> pytest.MarkDecorator:
    """Return the mark that skips tests where a folder's packages are not installed."""
    return pytest.mark.skipif(
        node_version() < OLDEST or not (folder / "node_modules").is_dir(),
        reason=f"needs Node {OLDEST} or newer, and packages: npm ci --prefix {folder.relative_to(ROOT)}",
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
