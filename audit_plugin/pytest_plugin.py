"""A pytest fixture: put `pytest_plugins = ["audit_plugin.pytest_plugin"]` into the top conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from audit_plugin.testing import capture


@pytest.fixture
def audit_capture(db: None) -> Iterator[Callable[..., capture]]:
    """Turn capture on until the test ends: `log = audit_capture("shop.Book")`, then `log.entries()`."""
    with ExitStack() as stack:

        def start(*recorded: Any, using: str = "default") -> capture:
            return stack.enter_context(capture(*recorded, using=using))

        yield start
