"""The documentation names what there is, and nothing that there is not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from graphql_schema.errors import Code
from tests import settings_reference

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_settings_page_is_what_conf_says() -> None:
    assert settings_reference.PAGE.read_text("utf-8") == settings_reference.render(), (
        "run: python -m tests.settings_reference"
    )


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    commands = [name for name, app in get_commands().items() if app in ("audit_plugin", "graphql_schema")]
    assert commands
    assert [name for name in commands if name not in page] == []


def test_every_check_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "checks.md").read_text("utf-8")
    sources = [
        path.read_text("utf-8")
        for path in [
            *(ROOT / "audit_plugin").rglob("*checks*.py"),
            *(ROOT / "graphql_schema").rglob("*checks*.py"),
        ]
    ]
    identifiers = {
        found
        for source in sources
        for found in re.findall(r"(?:audit_plugin|graphql_schema)\.[EWI]\d{3}", source)
    }
    assert identifiers
    assert sorted(identifier for identifier in identifiers if identifier not in page) == []


def test_every_error_and_field_of_graphql_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "graphql.md").read_text("utf-8")
    fields = re.findall(
        r"^  (audit\w+)[(:]", (ROOT / "graphql_schema" / "schema.graphql").read_text("utf-8"), re.MULTILINE
    )
    assert fields
    assert [name for name in [*Code, *fields] if f"`{name}" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_tests_exist(page: Path) -> None:
    missing = []
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?", page.read_text("utf-8")):
        file = ROOT / path
        functions = (
            {
                node.name
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            if file.exists()
            else set()
        )
        if not file.exists() or (name and name not in functions):
            missing.append(f"{path}::{name}")
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_settings_exist(page: Path) -> None:
    known = set(re.findall(r"^## (AUDIT_\w+)", settings_reference.render(), re.MULTILINE)) | {"AUDIT_PGDATA"}
    assert set(re.findall(r"\bAUDIT_[A-Z][A-Z_]+\b", page.read_text("utf-8"))) <= known
