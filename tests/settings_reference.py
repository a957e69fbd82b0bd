"""docs/reference/settings.md, made from the docstrings in conf.py: `python -m tests.settings_reference` writes it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "settings.md"

HEAD = """# Settings

<!-- Made by `python -m tests.settings_reference` from audit_plugin/conf.py. -->

All are optional but `AUDIT_MODELS` (or a decorated model), and read when used, so that `override_settings` works.
"""


def render() -> str:
    """Return the page."""
    source = ast.parse((ROOT / "audit_plugin" / "conf.py").read_text("utf-8"))
    [settings] = [node for node in source.body if isinstance(node, ast.ClassDef) and node.name == "Settings"]
    parts = [HEAD]
    for node, after in zip(settings.body, settings.body[1:], strict=False):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
            continue
        assert isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant), (
            f"{node.target.id} has no docstring"
        )
        text = " ".join(str(after.value.value).split())
        parts.append(f"## AUDIT_{node.target.id}\n\n{text}\n\nDefault: `{ast.unparse(node.value)}`\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
