"""What the tests of events share: some declared actions, and records they are about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.testapp.models import Author, Book

ACTIONS = {
    "photo.approved": {"label": "Photo approved", "channel": "photos", "badge": "green"},
    "photo.rejected": {
        "channel": "photos",
        "badge": "red",
        "sentence": "%(actor)s rejected %(subject)s: %(reason)s (%(score)s)",
    },
    "photo.denied": {"channel": "photos"},
}


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    with override_settings(AUDIT_ACTIONS=ACTIONS):
        yield


@pytest.fixture
def strict() -> Iterator[None]:
    """Errors at once, as in development."""
    with override_settings(AUDIT_STRICT_EVENTS=True):
        yield


@pytest.fixture
def author(db: None) -> Author:
    return Author.objects.create(name="Ann Archer")


@pytest.fixture
def book(author: Author) -> Book:
    return Book.objects.create(title="Dune", author=author)
