"""Somebody else is writing to the record: the page says so, and the next attempt succeeds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.conftest import SignIn
from tests.admin.restoring import Visit, newest
from tests.restore.test_concurrency import elsewhere
from tests.testapp.models import Book

pytestmark = pytest.mark.django_db(transaction=True)


def test_locked(transactional_db: None, sign_in: SignIn, settings: Any) -> None:
    settings.AUDIT_RESTORE_LOCK_TIMEOUT = 1
    Book.objects.create(title="Dune")
    Book.objects.update(title="Done")
    browser = sign_in("admin")
    visit = Visit.of(browser, newest("testapp.book"))
    with elsewhere() as other:
        other.execute("UPDATE testapp_book SET isbn = 'theirs'")
        visit.send(restore="all")
        assert visit.response.status_code == 409
        assert "Somebody else is writing to these records right now." in visit.text
        other.rollback()
    Visit.of(browser, newest("testapp.book")).confirm()
    assert Book.objects.get().title == "Dune"
