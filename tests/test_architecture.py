"""Who may import whom (docs/explanation/architecture.md), and how long a file may get."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "audit_plugin"

#: From the bottom up: a module imports from its own layer and those above it in this list only.
LAYERS = [
    {"conf", "actions", "exceptions", "hints", "changes", "exact"},
    {"capture", "context"},
    {"models"},
    {"finder", "rollup"},
    {"filters", "visibility", "pagination"},
    {"display", "connections", "events"},
    {"facets", "activity", "history", "restore", "export", "viewing", "retention", "feed"},
    {
        "admin",
        "middleware",
        "management",
        "contrib",
        "checks",
        "apps",
        "testing",
        "pytest_plugin",
        "templatetags",
    },
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

FREE = {"migrations"}


def layer(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def imports(path: Path) -> Iterator[str]:
    """Yield the modules of the plugin that a file imports, also inside functions, but not for types only."""
    tree = ast.parse(path.read_text("utf-8"))
    typing = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in typing:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "audit_plugin":
                yield from (f"audit_plugin.{name.name}" for name in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.name != "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in FREE:
        return
    assert own in LEVEL, f"{own} has no layer yet: give it one in LAYERS"
    wrong = {
        module
        for module in imports(path)
        if module.startswith("audit_plugin.") and layer(module) in LEVEL and LEVEL[layer(module)] > LEVEL[own]
    }
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_plugin_never_imports_the_gateway_nor_a_graphql_library(path: Path) -> None:
    assert not {module.split(".")[0] for module in imports(path)} & {
        "graphql_schema",
        "strawberry",
        "graphene_django",
    }


GATEWAY = ROOT / "graphql_schema"
GATEWAY_FILES = sorted(GATEWAY.rglob("*.py"))
ENGINES = {"strawberry", "graphene"}


@pytest.mark.parametrize("path", GATEWAY_FILES, ids=lambda path: str(path.relative_to(GATEWAY)))
def test_gateway_has_nothing_to_do_with_the_admin(path: Path) -> None:
    assert not {module for module in imports(path) if module.startswith("audit_plugin.admin")}


@pytest.mark.parametrize("path", GATEWAY_FILES, ids=lambda path: str(path.relative_to(GATEWAY)))
def test_gateway_knows_an_engine_only_where_it_renders_for_it(path: Path) -> None:
    engine = path.relative_to(GATEWAY).parts[0]
    used = {module.split(".")[0] for module in imports(path)} & ENGINES
    assert used <= {engine}


def source_files() -> list[Path]:
    return sorted(
        path
        for folder in ("audit_plugin", "graphql_schema", "sample_project", "tests")
        for ending in ("py", "sql", "js", "css", "html")
        for path in (ROOT / folder).rglob(f"*.{ending}")
        if not {"migrations", "locale", "node_modules", "vendor"} & set(path.parts)
    )


def test_no_file_is_longer_than_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in source_files()
        if (n := len(path.read_text("utf-8").splitlines())) > 300
    }
    assert not long
