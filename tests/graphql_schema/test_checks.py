"""One bad setting a test, and the exact list of IDs that it brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from graphql_schema import checks

ACTIONS = {"tag.approved": {"channel": "tags"}}


def identifiers(**values: Any) -> list[str | None]:
    with override_settings(**{"AUDIT_ACTIONS": ACTIONS, "AUDIT_GRAPHQL_EVENTS": {}, **values}):
        return [message.id for message in checks.check_api(None)]


def test_all_is_well() -> None:
    assert identifiers() == []
    assert identifiers(AUDIT_GRAPHQL_EVENTS={"tag.approved": "people.change_tag"}) == []


def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    assert identifiers() == ["graphql_schema.E001"]


@pytest.mark.parametrize("name", checks.LIMITS)
def test_limits(name: str) -> None:
    assert identifiers(**{f"AUDIT_{name}": 0}) == ["graphql_schema.E002"]


@pytest.mark.parametrize("text", [None, "no json", "[]", '{"a": 1}', '{"operations": [1]}'])
def test_persisted_documents(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "persisted.json"
    if text is not None:
        path.write_text(text)
    assert identifiers(AUDIT_GRAPHQL_PERSISTED=str(path)) == ["graphql_schema.E003"]


def test_events_that_nobody_has_declared() -> None:
    assert identifiers(AUDIT_GRAPHQL_EVENTS={"tag.denied": "people.change_tag"}) == ["graphql_schema.E004"]


def test_events_with_what_is_no_permission() -> None:
    assert identifiers(AUDIT_GRAPHQL_EVENTS={"tag.approved": "change_tag"}) == ["graphql_schema.E005"]


def test_checks_need_no_graphql() -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.modules.update(graphql=None, strawberry=None, graphene=None)\n"
        "import graphql_schema.checks, graphql_schema.apps"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
