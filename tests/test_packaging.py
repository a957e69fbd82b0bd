"""What a wheel holds besides Python's modules."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
    "setuptools"
]["package-data"]


@pytest.mark.parametrize("package", DATA)
def test_every_file_of_a_package_ships(package: str) -> None:
    folder = ROOT / package
    there = {path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    shipped = {path for pattern in DATA[package] for path in folder.glob(pattern)}
    # A catalogue's source is there along with what is made of it.
    assert {path.suffix for path in there} >= {".po", ".mo", ".typed"}
    assert {str(path.relative_to(ROOT)) for path in there - shipped} == set()
