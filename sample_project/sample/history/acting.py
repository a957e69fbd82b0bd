"""Write under somebody's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User

import audit_plugin


@contextmanager
def acting(user: User, doing: str, **metadata: Any) -> Iterator[None]:
    """Attribute the writes of a block to a user, as if they had come through a page of the product."""
    with audit_plugin.context(actor=user, source="web", name=doing, **metadata):
        yield
