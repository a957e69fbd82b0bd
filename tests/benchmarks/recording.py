"""What a contestant does besides writing: how its users are told to name the author, and where its log is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import models


class Recording:
    """Plain Django; the contestants' own differ from it in what their documentation asks for.

    Attributes:
        logs: The tables that get a row for each change recorded.
        contexts: The tables that get a row for each request.
        context_each_action: Whether it's a row for each action instead.
    """

    logs: Sequence[str] = ()
    contexts: Sequence[str] = ()
    context_each_action = False

    def __init__(self, user: Any) -> None:
        self.user = user

    def request(self) -> AbstractContextManager[Any]:
        """Return the block that stands for a request of the user's, as the contestant's middleware would open it."""
        return nullcontext()

    def action(self) -> AbstractContextManager[Any]:
        """Return the block around a single action, for those that write their log at its end."""
        return nullcontext()

    def bulk_create(self, model: type[models.Model], objects: list[Any]) -> None:
        """Insert many, by the way that is recorded if there is one."""
        model._default_manager.bulk_create(objects)

    def bulk_update(self, model: type[models.Model], objects: list[Any], fields: Sequence[str]) -> None:
        """Update many, by the way that is recorded if there is one."""
        model._default_manager.bulk_update(objects, fields)
